"""Where the downloaded data sets are to be had, and how to know the right bytes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RemoteFile:
    """A file as every mirror must give it."""

    name: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class Source:
    """A data set of two splits: of each split the images and the labels."""

    title: str
    folder: str
    mirrors: tuple[str, ...]
    splits: dict[str, tuple[RemoteFile, RemoteFile]]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its files."""
        return tuple(file.name for pair in self.splits.values() for file in pair)


# Sizes and digests of all eight files agree between two independent sources: the checksums of
# TensorFlow Datasets (tensorflow_datasets/url_checksums/{mnist,fashion_mnist}.txt) and those in
# torchvision (torchvision/prototype/datasets/_builtin/mnist.py, digests only). For Fashion-MNIST
# Keras has the same (keras/src/datasets/fashion_mnist.py), and the two files of labels were hashed
# from the authors' repository, zalandoresearch/fashion-mnist at b2617bb6.
MNIST = Source(
    title="MNIST",
    folder="mnist",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    splits={
        "train": (
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
        ),
        "test": (
            RemoteFile(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ),
    },
)

# The authors' bucket, their repository, and the copy that Keras uses. The bucket's better known
# address, fashion-mnist.s3-website.eu-central-1.amazonaws.com, does not speak https.
FASHION_MNIST = Source(
    title="Fashion-MNIST",
    folder="fashion-mnist",
    mirrors=(
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
    splits={
        "train": (
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
        ),
        "test": (
            RemoteFile(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ),
    },
)
