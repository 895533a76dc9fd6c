"""How the networks are made; Keras, scikit-learn and matplotlib live only here, and nothing that serves imports it.

A folder for each network, `backbones` for the ones that are converted, `datasets` for the data they learn from.
TensorFlow is imported inside training functions only, so that a command's help does not wait for it; what only trainers
install (`make train`) is asked for by `packages.check_installed` before anything is prepared.
"""
