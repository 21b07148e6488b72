"""A Python-Markdown extension: the woven page's figure paragraphs become <figure> elements."""

import itertools
import json
import re
import xml.etree.ElementTree as ET

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor


class FigureExtension(Extension):
    """Register the figure tree processor, after attribute lists have been read."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        # Attribute lists are read at priority 8; MkDocs rewrites links at 0.
        md.treeprocessors.register(FigureTreeprocessor(md), "weave-figures", 4)


class FigureTreeprocessor(Treeprocessor):
    """Join each paragraph of woven images with the caption that follows it."""

    def run(self, root: ET.Element) -> None:
        """Rewrite the tree in place."""
        for parent in list(root.iter()):
            children = list(parent)
            for pictures, caption in itertools.pairwise(children):
                if "weave-caption" in caption.get("class", "").split():
                    self.join(parent, pictures, caption)

    def join(self, parent: ET.Element, pictures: ET.Element, caption: ET.Element) -> None:
        """Make one <figure> of an image paragraph and a caption paragraph."""
        images = list(pictures.iter("img"))
        figure = ET.Element("figure")
        film = bool(images) and images[0].get("data-frames") is not None
        figure.set("class", "weave-film" if film else "weave-figure")
        for image in images:
            image.tail = ""
            if film:
                image.set("class", "weave-frame")
                image.set("data-frames", json.dumps(frame_names(image)))
            else:
                image.set("loading", "lazy")
            figure.append(image)
        caption.tag = "figcaption"
        caption.attrib.pop("class")
        figure.append(caption)
        figure.tail = "\n"
        parent.insert(list(parent).index(pictures), figure)
        parent.remove(pictures)
        parent.remove(caption)


def frame_names(image: ET.Element) -> list[str]:
    """The addresses of a film's frames, beside that of its last, which the image shows."""
    source = image.get("src", "").partition("#")[0]
    count = int(image.get("data-frames", "1"))
    return [re.sub(r"-frame\d+-", f"-frame{i:03d}-", source) for i in range(count)]
