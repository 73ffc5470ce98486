"""The Python clients that are generated from openapi.yaml, each behind the same few calls.

scripts/generate-clients.sh makes them in the folder that GENERATED names.
"""

import importlib
import inspect
import io
import json
import os
import pathlib
import pkgutil
import re
import sys

FOLDER = pathlib.Path(os.environ["GENERATED"])
sys.path.insert(0, str(FOLDER))

FILE = b"%PDF-1.4\n%%EOF\n"


def snake(name):
    """`getFileUrl` as `get_file_url`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def letters(name):
    return re.sub(r"[^a-z0-9]", "", name.lower().removeprefix("var_"))


def arguments(call, operation):
    """The parameters of a generated call, by the names that the generator gave them."""
    values = {letters(name): value for name, value in operation.parameters.items()}
    found = {name: values[letters(name)] for name in call.parameters if letters(name) in values}
    assert len(found) == len(values), f"{operation.id} has no argument for one of {list(operation.parameters)}"
    return found


class OpenApiGenerator:
    """openapi-generator's Python client."""

    package = "recourse_openapi_generator"

    def __init__(self, url, user=None, password=None, token=None):
        self.module = importlib.import_module(self.package)
        configuration = self.module.Configuration(host=url, username=user, password=password, access_token=token)
        configuration.retries = False
        self.client = self.module.ApiClient(configuration)
        self.apis = [value(self.client) for name, value in vars(self.module).items() if name.endswith("Api")]

    def call(self, operation, value=None):
        """The answer as the client has read it, in JSON."""
        (call,) = [getattr(api, snake(operation.id)) for api in self.apis if hasattr(api, snake(operation.id))]
        given = arguments(inspect.signature(call), operation)
        if operation.media == "application/json":
            model = getattr(self.module, operation.requests[0].schema)
            given[snake(operation.requests[0].schema)] = model.from_dict(value)
        elif operation.media == "multipart/form-data":
            given["file"] = ("file.pdf", FILE)
        else:
            given.update(value or {})
        try:
            answer = call(**given)
        except self.module.ApiException as error:
            answer = error.data
        return self.client.sanitize_for_serialization(answer)

    def close(self):
        self.client.rest_client.pool_manager.clear()


class OpenApiPythonClient:
    """openapi-python-client's client."""

    package = "recourse_openapi_python_client"

    def __init__(self, url, user=None, password=None, token=None):
        module = importlib.import_module(self.package)
        self.types = importlib.import_module(f"{self.package}.types")
        self.models = importlib.import_module(f"{self.package}.models")
        basic = {"auth": (user, password)} if user else {}
        if token:
            self.client = module.AuthenticatedClient(base_url=url, token=token)
        else:
            self.client = module.Client(base_url=url, httpx_args={"trust_env": False, **basic})
        self.calls = {}
        api = importlib.import_module(f"{self.package}.api")
        for found in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
            if not found.ispkg:
                self.calls[found.name.rsplit(".", 1)[1]] = importlib.import_module(found.name)

    def call(self, operation, value=None):
        """The answer as the client has read it, in JSON."""
        call = self.calls[snake(operation.id)].sync_detailed
        signature = inspect.signature(call)
        given = arguments(signature, operation)
        if operation.media:
            if operation.media == "multipart/form-data":
                file = self.types.File(io.BytesIO(FILE), "file.pdf", "application/pdf")
                given["body"] = signature.parameters["body"].annotation(file=file)
            else:
                given["body"] = getattr(self.models, operation.requests[0].schema).from_dict(value)
        answer = call(client=self.client, **given).parsed
        if isinstance(answer, list):
            return [one.to_dict() for one in answer]
        return answer.to_dict() if hasattr(answer, "to_dict") else answer

    def close(self):
        self.client.get_httpx_client().close()


class DatamodelCodeGenerator:
    """datamodel-code-generator's models; it makes no calls."""

    module = "recourse_datamodel_code_generator"

    def read(self, example):
        model = getattr(importlib.import_module(self.module), example.schema)
        return json.loads(model.model_validate_json(json.dumps(example.value)).model_dump_json(by_alias=True))
