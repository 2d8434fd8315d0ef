"""The movies example as an app of the AWS CDK: the same declarations, in constructs of dynamodel.

To see its template: `python -m examples.movies.infra.app`, which needs no AWS account. To deploy it:
`cdk deploy --app "python -m examples.movies.infra.app"`. Needs the extra `cdk`, and node.
"""

from __future__ import annotations

from pathlib import Path

import aws_cdk
from constructs import Construct

from dynamodel.infra.cdk import DynamodelFunction, DynamodelTable
from examples.movies.infra.stack import CastMember, Movie, hello_function, hello_open, hello_private

__all__ = ["MoviesStack", "main"]


class MoviesStack(aws_cdk.Stack):
    """Two tables, and a hello-world function in three steps."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        movies = DynamodelTable(self, "Movies", Movie)
        cast = DynamodelTable(self, "MovieCast", CastMember)
        # 1. Logs the event that it gets. What it may read, its access patterns say.
        greeting = DynamodelFunction(self, "Hello", hello_function)
        movies.grant(greeting.role, Movie.by_id.get)
        cast.grant(greeting.role, CastMember.by_movie.query)
        # 2. With a URL that anybody can open.
        public = DynamodelFunction(self, "HelloOpen", hello_open)
        # 3. The same, for those whose own policy allows it.
        private = DynamodelFunction(self, "HelloPrivate", hello_private)
        for name, made in (("PublicUrl", public), ("PrivateUrl", private)):
            aws_cdk.CfnOutput(self, name, value=str(made.function_url))


def main() -> None:
    """Synthesises the app, and says where its template is."""
    app = aws_cdk.App()
    stack = MoviesStack(app, "Movies")
    assembly = app.synth()
    print(Path(assembly.directory, stack.template_file))


if __name__ == "__main__":
    main()
