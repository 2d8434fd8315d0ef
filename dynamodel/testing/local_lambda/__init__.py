"""A double of AWS Lambda on this machine, for tests and for `dynamodel dev`."""
