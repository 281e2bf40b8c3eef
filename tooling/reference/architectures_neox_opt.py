"""Cases of make_architectures.py: GPT-NeoX, OPT and GPT-Neo."""

# name -> (class, configuration, what is done to the tensors before they are stored)
CASES = {}
