"""The networks: trained with Keras, served without it.

A network of kind ``K`` has up to three places: ``K.py`` serves exported weights with NumPy, ``K_training``
trains with Keras and leaves a report, and ``weights/K/<name>-<version>/`` holds the artifacts that MelodyMuse
ships. TensorFlow is imported inside training functions only, so that neither a worker nor a page pays for it.
"""
