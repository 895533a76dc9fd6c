"""The networks as they are served: with NumPy and ONNX Runtime, without Keras.

A network of kind ``K`` has up to three places: ``K.py`` here serves exported weights, ``generation/training/K/`` trains
it and leaves a report, and ``weights/K/<name>-<version>/`` holds the artifacts that MelodyMuse ships.
"""
