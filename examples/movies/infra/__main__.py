"""Prints the head of the CloudFormation template that follows from the model."""

from __future__ import annotations

from dynamodel.infra import cloudformation, to_yaml
from examples.movies.infra.stack import stack
from examples.show import console, step

LINES = 36


def main() -> None:
    """The first lines, and what else there is."""
    template = cloudformation(stack)
    step("The CloudFormation template of the tables and functions", "to_yaml(cloudformation(stack))")
    lines = to_yaml(template).splitlines()
    console.print("\n".join(lines[:LINES]), highlight=False, markup=False, soft_wrap=True)
    console.print(f"[dim]... {len(lines) - LINES} more lines: examples/movies/infra/template.yaml[/dim]")
    kinds = sorted({resource["Type"] for resource in template["Resources"].values()})
    console.print(f"{len(template['Resources'])} resources: {', '.join(kinds)}", highlight=False)


if __name__ == "__main__":
    main()
