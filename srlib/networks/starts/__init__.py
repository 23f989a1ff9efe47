"""How networks start to learn, apart from the networks: one file for each that has a start of its own.

A generator with `init: linear` begins as the best linear filters of the training pictures of its run
(srlib.networks.filters), and learns what they lack. It is a start computed from data: the network has
a function `start(pairs)`, which training calls once with the LR and HR pictures, before the first step,
and `hold()`, after which the weights of the filters stay as they are.
A generator with `init: interpolation` begins as bicubic interpolation, so that its training steps go
into what interpolation lacks. `init: random` is that in which the layers are made: He et al. 2015 for
VDSR's convolutions, as its paper has it, and the new method's chain of 20; PyTorch's for the others; ICNR
for those before a pixel shuffle.
"""
