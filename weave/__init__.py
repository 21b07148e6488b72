"""weave: run a Markdown page's snippets, verify what it prints, put its figures in place.

One executor (`weave.run`), several callers: the site (`weave.hooks`), the tests
(`weave.testing`), the command line (`python -m weave`). What a reader sees is what was tested.
"""
