"""A program with a front door, in plain AWS resources: what a drawing is looked at with."""

import json
import os
import shutil
import subprocess

import pulumi
import pulumi_aws as aws
import pytest

REGION = "eu-central-1"


class Part(pulumi.ComponentResource):
    """A component whose children are made by its `build`."""

    def __init__(self, token, name, build, parent):
        super().__init__(f"test:index:{token}", name, None, pulumi.ResourceOptions(parent=parent))
        self.child = pulumi.ResourceOptions(parent=self)
        self.kept = pulumi.ResourceOptions(parent=self, protect=True, retain_on_delete=True)
        self.out = build(self, name)
        self.register_outputs(self.out)


def keys(part, name):
    made = {
        use: aws.kms.Key(f"{name}-{use}", enable_key_rotation=True, opts=part.kept)
        for use in ("logs", "data", "secrets")
    }
    for use, key in made.items():
        aws.kms.Alias(f"{name}-{use}-alias", target_key_id=key.key_id, opts=part.child)
    pulumi.log.info("cost: 3 keys: about 3 USD a month", part)
    return {use: key.arn for use, key in made.items()}


def audit_log(key):
    def build(part, name):
        bucket = aws.s3.Bucket(f"{name}-trail", force_destroy=False, opts=part.kept)
        aws.s3.BucketPublicAccessBlock(f"{name}-public", bucket=bucket.id, opts=part.child)
        aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=part.child,
        )
        policy = bucket.arn.apply(lambda arn: json.dumps({"Resource": arn}))
        aws.s3.BucketPolicy(f"{name}-policy", bucket=bucket.id, policy=policy, opts=part.child)
        group = aws.cloudwatch.LogGroup(
            f"{name}-events", kms_key_id=key, retention_in_days=400, opts=part.child
        )
        trail = aws.cloudtrail.Trail(
            f"{name}-trail",
            s3_bucket_name=bucket.id,
            kms_key_id=key,
            cloud_watch_logs_group_arn=group.arn,
            enable_log_file_validation=True,
            is_multi_region_trail=True,
            opts=part.kept,
        )
        access = aws.cloudwatch.LogGroup(f"{name}-access", kms_key_id=key, opts=part.child)
        return {"trail": trail.arn, "access": access.arn}

    return build


def secrets(key):
    def build(part, name):
        for secret in ("webhook-signature", "payment-provider"):
            made = aws.secretsmanager.Secret(f"{name}-{secret}", kms_key_id=key, opts=part.kept)
            aws.secretsmanager.SecretPolicy(
                f"{name}-{secret}-policy",
                secret_arn=made.arn,
                policy="{}",
                block_public_policy=True,
                opts=part.child,
            )
        pulumi.log.info("loosened: bulwark:secrets.recoveryDays is 0 days (default 30)", part)
        return {"provider": made.arn}

    return build


def identity(part, name):
    pool = aws.cognito.UserPool(
        f"{name}-pool", mfa_configuration="ON", deletion_protection="ACTIVE", opts=part.kept
    )
    aws.cognito.UserPoolDomain(
        f"{name}-domain", domain="shop", user_pool_id=pool.id, opts=part.child
    )
    aws.cognito.ResourceServer(
        f"{name}-scopes", identifier="payments", user_pool_id=pool.id, opts=part.child
    )
    for client in ("web", "partner"):
        aws.cognito.UserPoolClient(f"{name}-{client}", user_pool_id=pool.id, opts=part.child)
    aws.cognito.RiskConfiguration(
        f"{name}-risk", user_pool_id=pool.id, compromised_credentials_risk_configuration={
            "actions": {"event_action": "BLOCK"}}, opts=part.child
    )  # fmt: skip
    return {"pool": pool.arn}


def backend(secret, key):
    def build(part, name):
        role = aws.iam.Role(f"{name}-role", assume_role_policy="{}", opts=part.child)
        table = aws.dynamodb.Table(
            f"{name}-payments",
            attributes=[{"name": "id", "type": "S"}],
            hash_key="id",
            server_side_encryption={"enabled": True, "kms_key_arn": key},
            deletion_protection_enabled=True,
            opts=part.kept,
        )
        function = aws.lambda_.Function(
            f"{name}-handler",
            role=role.arn,
            runtime="python3.13",
            handler="main.handler",
            environment={"variables": {"SECRET": secret, "TABLE": table.name}},
            opts=part.child,
        )
        return {"function": function.invoke_arn, "name": function.name}

    return build


def api(pool, function, access, key):
    def build(part, name):
        rest = aws.apigateway.RestApi(
            f"{name}-rest",
            body=pulumi.Output.json_dumps({"openapi": "3.0.1", "pool": pool, "to": function}),
            disable_execute_api_endpoint=True,
            opts=part.child,
        )
        deployment = aws.apigateway.Deployment(
            f"{name}-deployment", rest_api=rest.id, opts=part.child
        )
        stage = aws.apigateway.Stage(
            f"{name}-stage",
            rest_api=rest.id,
            deployment=deployment.id,
            stage_name="live",
            access_log_settings={"destination_arn": access, "format": "{}"},
            xray_tracing_enabled=True,
            opts=part.child,
        )
        aws.cloudwatch.LogGroup(f"{name}-execution", kms_key_id=key, opts=part.child)
        aws.apigateway.UsagePlan(
            f"{name}-partners",
            api_stages=[{"api_id": rest.id, "stage": stage.stage_name}],
            opts=part.child,
        )
        return {"stage": stage.arn, "url": stage.invoke_url}

    return build


def waf(stage, pool, access):
    def build(part, name):
        acls = {}
        for place, scope in (("edge", "CLOUDFRONT"), ("api", "REGIONAL"), ("pool", "REGIONAL")):
            acl = acls[place] = aws.wafv2.WebAcl(
                f"{name}-{place}",
                scope=scope,
                default_action={"allow": {}},
                visibility_config={
                    "cloudwatch_metrics_enabled": True,
                    "metric_name": place,
                    "sampled_requests_enabled": True,
                },
                opts=part.child,
            )
            aws.wafv2.WebAclLoggingConfiguration(
                f"{name}-{place}-logs",
                resource_arn=acl.arn,
                log_destination_configs=[access],
                opts=part.child,
            )
        for place, arn in (("api", stage), ("pool", pool)):
            aws.wafv2.WebAclAssociation(
                f"{name}-{place}-association",
                resource_arn=arn,
                web_acl_arn=acls[place].arn,
                opts=part.child,
            )
        for kind in ("block", "allow"):
            aws.wafv2.IpSet(
                f"{name}-{kind}", scope="REGIONAL", ip_address_version="IPV4", opts=part.child
            )
        return {"edge": acls["edge"].arn}

    return build


def edge(acl, url, access):
    def build(part, name):
        headers = aws.cloudfront.ResponseHeadersPolicy(f"{name}-headers", opts=part.child)
        distribution = aws.cloudfront.Distribution(
            f"{name}-distribution",
            enabled=True,
            web_acl_id=acl,
            origins=[{"domain_name": url, "origin_id": "api", "custom_headers": [
                {"name": "x-origin", "value": pulumi.Output.secret("s3cr3t-origin-value")}]}],
            default_cache_behavior={
                "allowed_methods": ["GET", "HEAD"],
                "cached_methods": ["GET", "HEAD"],
                "target_origin_id": "api",
                "viewer_protocol_policy": "https-only",
                "response_headers_policy_id": headers.id,
            },
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate={"cloudfront_default_certificate": True},
            opts=part.child,
        )  # fmt: skip
        source = aws.cloudwatch.LogDeliverySource(
            f"{name}-log-source", log_type="ACCESS_LOGS", name="edge",
            resource_arn=distribution.arn, opts=part.child,
        )  # fmt: skip
        place = aws.cloudwatch.LogDeliveryDestination(
            f"{name}-log-destination", name="edge", opts=part.child,
            delivery_destination_configuration={"destination_resource_arn": access},
        )  # fmt: skip
        aws.cloudwatch.LogDelivery(
            f"{name}-log-delivery", delivery_source_name=source.name,
            delivery_destination_arn=place.arn, opts=part.child,
        )  # fmt: skip
        pulumi.log.info("limit: without a domain nobody can pin the certificate", part)
        return {"url": distribution.domain_name}

    return build


def account(part, name):
    aws.iam.AccountPasswordPolicy(f"{name}-passwords", opts=part.child)
    aws.s3.AccountPublicAccessBlock(f"{name}-public", block_public_acls=True, opts=part.child)
    aws.ebs.EncryptionByDefault(f"{name}-disks", enabled=True, opts=part.child)
    aws.accessanalyzer.Analyzer(f"{name}-analyzer", analyzer_name="access", opts=part.child)
    return {}


def shop(*, with_backend=True):
    """The whole program."""
    stack = pulumi.ComponentResource("test:index:AwsStack", "shop")

    def part(token, name, build):
        return Part(token, f"shop-{name}", build, stack).out

    key = part("AwsKeys", "keys", keys)
    part("AwsAccount", "account", account)
    logs = part("AwsAuditLog", "audit-log", audit_log(key["logs"]))
    secret = part("AwsSecrets", "secrets", secrets(key["secrets"]))
    users = part("AwsCustomerIdentity", "identity", identity)
    function = "arn:aws:lambda:eu-central-1:000000000000:function:elsewhere"
    if with_backend:
        work = part("AwsPayments", "payments", backend(secret["provider"], key["data"]))
        function = work["function"]
    front = part("AwsApi", "api", api(users["pool"], function, logs["access"], key["logs"]))
    filters = part("AwsWaf", "waf", waf(front["stage"], users["pool"], logs["access"]))
    out = part("AwsEdge", "edge", edge(filters["edge"], front["url"], logs["access"]))
    pulumi.export("url", out["url"])
    pulumi.export("password", pulumi.Output.secret("hunter2-exported"))


@pytest.fixture
def front_door():
    return shop


class Browser:
    """Headless Chromium over its debugging pipe: messages are JSON, each ended by a zero byte."""

    def __init__(self, binary, profile):
        there, ours = os.pipe(), os.pipe()

        def descriptors():
            # The protocol wants 3 and 4; both are first moved out of each other's way.
            read, write = os.dup(there[0]), os.dup(ours[1])
            os.dup2(read, 3)
            os.dup2(write, 4)

        command = [
            binary, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command,
            close_fds=False,
            preexec_fn=descriptors,  # noqa: PLW1509 nothing else runs in this process
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(there[0])
        os.close(ours[1])
        self.to, self.of = os.fdopen(there[1], "wb", buffering=0), os.fdopen(ours[0], "rb")
        self.number, self.session, self.events = 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self.events.append(answer)

    def _next(self):
        text = bytearray()
        while (byte := self.of.read(1)) != b"\0":
            assert byte, "the browser has gone"
            text += byte
        return json.loads(text)

    def size(self, width, height, *, dark=False):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, path):
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not self.run("document.readyState === 'complete' && location.protocol === 'file:'"):
            pass

    def run(self, expression):
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key, text=""):
        code = {"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0)
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def point(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def complaints(self):
        """What the page logged or was refused, and every address it asked for but its own."""
        for event in self.events:
            params = event.get("params", {})
            if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded"):
                yield json.dumps(params)
            elif event["method"] == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if not url.startswith(("file:", "data:", "about:")):
                    yield url

    def close(self):
        self.to.close()
        self.process.terminate()
        self.process.wait()
        self.of.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    binary = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
    if binary is None:
        pytest.skip("no chromium here to open the page with")
    opened = Browser(binary, tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()
