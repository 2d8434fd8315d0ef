"""The infrastructure of the movies example, made by the library from its model.

- `stack.py`: what is deployed; the handler of its functions is `examples/movies/handlers/hello.py`.
- `template.yaml`: the CloudFormation template, as the library writes it:
  `python -m dynamodel synth examples.movies.infra > examples/movies/infra/template.yaml`.
  To deploy it: `aws cloudformation deploy --stack-name movies --capabilities CAPABILITY_IAM
  --template-file examples/movies/infra/template.yaml`.
- `app.py`: the same as an app of the AWS CDK; to deploy it:
  `cdk deploy --app "python -m examples.movies.infra.app"`.

The tables have the removal policy DESTROY: `aws cloudformation delete-stack --stack-name movies` deletes
them with their items.
"""

from examples.movies.infra.stack import CastMember, Movie, hello_function, hello_open, hello_private

__all__ = ["CastMember", "Movie", "hello_function", "hello_open", "hello_private"]
