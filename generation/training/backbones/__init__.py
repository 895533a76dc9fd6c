"""From a package that carries ImageNet weights to a backbone artifact that ONNX Runtime serves."""
