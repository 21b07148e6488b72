"""Neural networks in NumPy, under the names of `torch.nn`.

Examples:
    >>> import numpy as np
    >>> from nnbook import nn
    >>> model = nn.Sequential(nn.Linear(2, 8, rng=0), nn.Tanh(), nn.Linear(8, 1, rng=1))
    >>> model(np.zeros((5, 2))).shape
    (5, 1)
"""

from nnbook.nn import functional, init, utils
from nnbook.nn.activation import (
    ELU,
    GELU,
    Hardtanh,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from nnbook.nn.attention import MultiheadAttention
from nnbook.nn.cells import GRUCell, LSTMCell, RNNCell
from nnbook.nn.container import Flatten, Identity, ModuleList, Sequential, Unflatten
from nnbook.nn.conv import Conv1d, Conv2d, ConvTranspose2d
from nnbook.nn.dropout import Dropout
from nnbook.nn.embedding import Embedding
from nnbook.nn.linear import Linear
from nnbook.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from nnbook.nn.module import Module
from nnbook.nn.normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from nnbook.nn.parameter import Parameter
from nnbook.nn.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from nnbook.nn.recurrent import GRU, LSTM, RNN
from nnbook.nn.softmax import LogSoftmax, Softmax

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "Hardtanh",
    "HuberLoss",
    "Identity",
    "KLDivLoss",
    "L1Loss",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleList",
    "MultiheadAttention",
    "NLLLoss",
    "Parameter",
    "RNNCell",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softplus",
    "Tanh",
    "Unflatten",
    "functional",
    "init",
    "utils",
]
