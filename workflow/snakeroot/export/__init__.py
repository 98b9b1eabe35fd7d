"""Export: a model as ONNX, which takes features as they are and gives what predictions hold."""
