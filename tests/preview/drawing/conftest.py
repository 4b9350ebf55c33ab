"""A program with a front door, in plain AWS resources: what a drawing is looked at with."""

import json

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
