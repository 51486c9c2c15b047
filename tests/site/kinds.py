"""The three kinds of output a page must show."""

from nbformat.v4 import new_output


def result(kind, content, **metadata):
    return new_output("execute_result", data={kind: content}, metadata=metadata, execution_count=1)


def display(kind, content, **metadata):
    return new_output("display_data", data={kind: content}, metadata=metadata)


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)
