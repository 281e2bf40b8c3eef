"""Cases of make_architectures.py: Llama and the architectures that follow it."""

# name -> (class, configuration, what is done to the tensors before they are stored)
CASES = {}
