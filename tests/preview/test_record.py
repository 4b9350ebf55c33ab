"""The engine's behaviour that a program can rely on offline."""

import inspect
import re

import pulumi
import pulumi_aws as aws
import pytest

from bulwark_toolkit.preview import (
    Archive,
    Asset,
    PreviewError,
    ProgramError,
    Reference,
    Secret,
    Unknown,
)

URN = "urn:pulumi:stack::project::"


class Site(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Site", name, None, opts)
        self.bucket = aws.s3.Bucket(f"{name}-bucket", opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({"arn": self.bucket.arn, "plain": 1, "both": [self.bucket.id, "x"]})


def test_a_resource_is_recorded_with_its_inputs_under_wire_names(preview):
    key = preview(lambda: aws.kms.Key("key", enable_key_rotation=True, tags={"a": "b"}))["key"]

    assert key.type == "aws:kms/key:Key"
    assert key.kind == "custom"
    assert key.inputs == {"enableKeyRotation": True, "tags": {"a": "b"}}


def test_a_urn_is_the_one_the_engine_gives(preview):
    graph = preview(lambda: Site("site"))

    assert graph["site"].urn == f"{URN}test:index:Site::site"
    assert graph["site-bucket"].urn == f"{URN}test:index:Site$aws:s3/bucket:Bucket::site-bucket"
    assert graph["site-bucket"].parent == graph["site"].urn


def test_resources_are_listed_in_the_order_of_the_program(preview):
    def program():
        late = aws.kms.Key("late")
        Site("site")
        aws.kms.Alias("alias", target_key_id=late.key_id)
        aws.kms.Key("early")

    names = [r.name for r in preview(program).resources]

    assert names == ["project-stack", "late", "site", "site-bucket", "alias", "early"]


def test_what_only_the_cloud_knows_is_unknown_and_names_what_it_waits_for(preview):
    def program():
        key = aws.kms.Key("key")
        aws.kms.Alias("alias", target_key_id=key.key_id)

    graph = preview(program)

    assert graph["alias"].inputs["targetKeyId"] == Unknown((graph["key"].urn,))
    assert graph["alias"].dependencies == (graph["key"].urn,)


def test_an_unknown_output_of_a_component_names_what_it_waits_for(preview):
    graph = preview(lambda: Site("site"))

    waits = Unknown((graph["site-bucket"].urn,))
    assert graph["site"].outputs == {"arn": waits, "plain": 1, "both": [waits, "x"]}


def test_exports_are_the_graphs_outputs(preview):
    graph = preview(lambda: pulumi.export("answer", {"is": 42}))

    assert graph.outputs == {"answer": {"is": 42}}


def test_nothing_is_applied_to_an_unknown(preview):
    ran = []

    preview(lambda: aws.kms.Key("key").arn.apply(ran.append))

    assert ran == []


def test_rendered_everything_is_applied(preview):
    ran = []

    preview(lambda: aws.kms.Key("key").arn.apply(ran.append), rendered=True)

    assert ran[0].startswith("arn:aws:kms:")


def test_a_secret_stays_one_and_its_text_is_nowhere(preview):
    def program():
        secret = pulumi.Output.secret("hunter2")
        aws.ssm.Parameter("plain", type="String", value=secret)
        aws.kms.Key("key", description=pulumi.Output.concat("it is ", secret))
        pulumi.export("secret", secret)

    graph = preview(program)

    assert graph["plain"].inputs["value"] == Secret()
    assert graph["key"].inputs["description"] == Secret()
    assert graph.outputs["secret"] == Secret()
    assert "hunter2" not in graph.to_json()
    assert "hunter2" not in repr(graph)


def test_an_unknown_secret_stays_secret(preview):
    def program():
        key = aws.kms.Key("key")
        pulumi.export("secret", pulumi.Output.secret(key.arn))

    assert preview(program).outputs["secret"] == Secret()


def test_an_encrypted_setting_is_a_secret_unknown(preview):
    ran = []

    def program():
        config = pulumi.Config("app")
        config.require_secret("password").apply(ran.append)
        config.require_secret_object("more").apply(ran.append)
        config.require_secret_int("number").apply(ran.append)
        aws.kms.Key("key", description=config.require_secret("password"))
        aws.kms.Key("careless", description=config.require("password"))

    secrets = {"app:password": "v1:abc", "app:more": "v1:abc", "app:number": "v1:abc"}
    graph = preview(program, config=secrets, secrets=secrets)

    assert ran == []
    assert graph["key"].inputs["description"] == Secret()
    assert graph["careless"].inputs["description"] == Unknown()
    assert "v1:abc" not in graph.to_json()


def test_plain_settings_are_what_they_are(preview):
    def program():
        config = pulumi.Config("app")
        pulumi.export("size", config.require_int("size"))
        pulumi.export("secret", config.require_secret("plain"))

    graph = preview(program, config={"app:size": "3", "app:plain": "x"})

    assert graph.outputs == {"size": 3, "secret": Secret()}


def test_options_are_recorded(preview):
    def program():
        old = aws.kms.Key("old")
        aws.kms.Key(
            "key",
            opts=pulumi.ResourceOptions(
                protect=True,
                retain_on_delete=True,
                delete_before_replace=True,
                ignore_changes=["description"],
                depends_on=[old],
                deleted_with=old,
                custom_timeouts=pulumi.CustomTimeouts(create="5m"),
                import_="1234",
                version="7.0.0",
            ),
        )

    graph = preview(program)
    options = graph["key"].options

    assert options.protect
    assert options.retain_on_delete
    assert options.delete_before_replace
    assert options.ignore_changes == ("description",)
    assert options.deleted_with == graph["old"].urn
    assert options.timeouts == {"create": "5m"}
    assert options.import_id == "1234"
    assert options.version == "7.0.0"
    assert graph["key"].dependencies == (graph["old"].urn,)


@pytest.mark.parametrize(
    ("alias", "urn"),
    [
        (pulumi.Alias(name="older"), f"{URN}test:index:Site$aws:kms/key:Key::older"),
        (pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE), f"{URN}aws:kms/key:Key::key"),
        (pulumi.Alias(type_="aws:kms:Key"), f"{URN}test:index:Site$aws:kms:Key::key"),
        ("urn:pulumi:s::p::aws:kms/key:Key::k", "urn:pulumi:s::p::aws:kms/key:Key::k"),
    ],
)
def test_an_alias_is_recorded_as_the_old_urn(preview, alias, urn):
    def program():
        site = Site("site")
        aws.kms.Key("key", opts=pulumi.ResourceOptions(parent=site, aliases=[alias]))

    assert preview(program)["key"].options.aliases == (urn,)


def test_children_inherit_protection_and_retention_as_in_the_engine(preview):
    options = pulumi.ResourceOptions(protect=True, retain_on_delete=True)

    graph = preview(lambda: Site("site", options))

    assert graph["site-bucket"].options.protect
    assert graph["site-bucket"].options.retain_on_delete


def test_an_explicit_provider_is_named(preview):
    def program():
        provider = aws.Provider("abroad", region="eu-west-1")
        aws.kms.Key("key", opts=pulumi.ResourceOptions(provider=provider))
        aws.kms.Key("default")

    graph = preview(program)

    assert graph["key"].provider == graph["abroad"].urn
    assert graph["default"].provider == ""


def test_an_existing_resource_is_read_and_not_managed(preview):
    def program():
        key = aws.kms.Key.get("key", "1234")
        pulumi.export("id", key.id)
        aws.kms.Alias.get("alias", aws.kms.Key("own").id)

    graph = preview(program)

    assert graph["key"].kind == "read"
    assert graph["key"].id == graph.outputs["id"] == "1234"
    assert graph["alias"].id == ""


def test_a_resource_passed_whole_is_a_reference(preview):
    class Holder(pulumi.CustomResource):
        def __init__(self, name, key):
            super().__init__("test:index:Holder", name, {"key": key})

    def program():
        Holder("holder", aws.kms.Key("key"))

    graph = preview(program)

    assert graph["holder"].inputs["key"] == Reference(graph["key"].urn)


def test_rendered_a_resource_has_the_id_that_others_get_of_it(preview):
    def program():
        pulumi.export("id", aws.kms.Key("key").id)

    graph = preview(program, rendered=True)
    assert graph["key"].id == graph.outputs["id"]
    assert preview(program)["key"].id == ""


def test_rendered_a_resource_passed_whole_stands_for_its_id(preview):
    def program():
        api = aws.apigateway.RestApi("api")
        stage = aws.apigateway.Stage("stage", rest_api=api, deployment="d", stage_name="v1")
        pulumi.export("arn", stage.arn)

    arn = preview(program, rendered=True).outputs["arn"]

    assert re.fullmatch(r"arn:aws:apigateway:eu-central-1::/restapis/[a-z0-9]+/stages/v1", arn)


def test_assets_are_known_by_their_content(preview, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("a = 1")

    def program(text="hello"):
        aws.s3.BucketObjectv2("object", bucket="b", source=pulumi.StringAsset(text))
        aws.lambda_.Function("f", role="r", code=pulumi.FileArchive(str(tmp_path / "code")))

    first, again = preview(program), preview(program)
    changed = preview(lambda: program("other"))
    (tmp_path / "code" / "a.py").write_text("a = 2")
    rebuilt = preview(program)

    asset, archive = first["object"].inputs["source"], first["f"].inputs["code"]
    assert isinstance(asset, Asset)
    assert isinstance(archive, Archive)
    assert (asset, archive) == (again["object"].inputs["source"], again["f"].inputs["code"])
    assert asset != changed["object"].inputs["source"]
    assert archive != rebuilt["f"].inputs["code"]


def test_a_file_that_is_not_built_yet_is_missing_and_no_error(preview):
    def program():
        aws.lambda_.Function("f", role="r", code=pulumi.FileArchive("build/none.zip"))

    assert preview(program)["f"].inputs["code"] == Archive("missing")


def test_transforms_run_inside_out_as_in_the_engine(preview):
    def adding(word):
        def transform(args):
            props = {**args.props, "description": args.props.get("description", "") + word}
            return pulumi.ResourceTransformResult(props=props, opts=args.opts)

        return transform

    def program():
        pulumi.runtime.register_resource_transform(adding(" first"))
        pulumi.runtime.register_resource_transform(adding(" second"))
        parent = pulumi.ComponentResource(
            "test:index:Parent",
            "parent",
            None,
            pulumi.ResourceOptions(transforms=[adding(" parent")]),
        )
        aws.kms.Key("key", opts=pulumi.ResourceOptions(parent=parent, transforms=[adding("own")]))

    assert preview(program)["key"].inputs["description"] == "own parent first second"


def test_a_transform_can_change_options(preview):
    def keep(args):
        options = pulumi.ResourceOptions.merge(
            args.opts, pulumi.ResourceOptions(protect=True, ignore_changes=["tags"])
        )
        return pulumi.ResourceTransformResult(props=args.props, opts=options)

    def program():
        pulumi.runtime.register_resource_transform(keep)
        aws.kms.Key("key")

    options = preview(program)["key"].options

    assert options.protect
    assert options.ignore_changes == ("tags",)


def test_a_transform_that_changes_nothing_leaves_inputs_and_options_as_they_are(preview):
    def program():
        pulumi.runtime.register_resource_transform(lambda _: None)
        pulumi.runtime.register_resource_transform(
            lambda args: pulumi.ResourceTransformResult(props=args.props, opts=args.opts)
        )
        pulumi.runtime.register_invoke_transform(lambda _: None)
        options = pulumi.ResourceOptions(
            protect=True,
            delete_before_replace=True,
            import_="1234",
            ignore_changes=["tags"],
            custom_timeouts=pulumi.CustomTimeouts(create="5m"),
        )
        aws.kms.Key("key", description="x", tags={"a": "b"}, opts=options)
        pulumi.export("region", aws.get_region_output(region="eu-west-1").region)

    graph = preview(program)

    assert graph["key"].inputs == {"description": "x", "tags": {"a": "b"}}
    options = graph["key"].options
    assert options.protect
    assert options.delete_before_replace
    assert options.import_id == "1234"
    assert options.ignore_changes == ("tags",)
    assert options.timeouts == {"create": "5m"}
    assert graph.outputs == {"region": "eu-west-1"}


def test_old_style_transformations_run_too(preview):
    def describe(args):
        if args.type_ == "aws:kms/key:Key":
            props = {**args.props, "description": "described"}
            return pulumi.ResourceTransformationResult(props, args.opts)
        return None

    def program():
        pulumi.runtime.register_stack_transformation(describe)
        aws.kms.Key("key")

    assert preview(program)["key"].inputs["description"] == "described"


def test_two_resources_of_one_name_are_refused_with_both_places(preview):
    def program():
        aws.kms.Key("key")
        aws.kms.Key("key")

    with pytest.raises(PreviewError, match=r"two resources of type aws:kms/key:Key are named key"):
        preview(program)


def test_two_resources_of_one_name_are_found_with_transforms_in_use_too(preview):
    def program():
        pulumi.runtime.register_resource_transform(lambda _: None)
        for _ in range(2):
            aws.kms.Key("key")

    for _ in range(5):
        with pytest.raises(PreviewError, match="are named key"):
            preview(program)


def test_many_resources_pass_through_a_transform_in_the_order_of_the_program(preview):
    def program():
        pulumi.runtime.register_resource_transform(lambda _: None)
        for number in range(60):
            aws.kms.Key(f"key{number}")

    names = [r.name for r in preview(program).of_type("aws:kms/key:Key")]

    assert names == [f"key{number}" for number in range(60)]


def test_one_name_for_two_types_or_under_two_parents_is_fine(preview):
    def program():
        aws.kms.Key("one")
        aws.sqs.Queue("one")
        aws.kms.Key("one", opts=pulumi.ResourceOptions(parent=Site("site")))

    assert len([r for r in preview(program).resources if r.name == "one"]) == 3


def test_a_programs_exception_shows_its_own_frames_only(preview):
    def broken():
        raise ZeroDivisionError("at the deepest")

    with pytest.raises(ProgramError) as error:
        preview(broken)

    said = str(error.value)
    assert "ZeroDivisionError: at the deepest" in said
    assert "tests/preview/test_record.py" in said
    assert "asyncio" not in said
    assert "site-packages" not in said


def test_an_exception_in_an_apply_is_the_programs_too(preview):
    def program():
        aws.kms.Key("key", description="x").description.apply(lambda _: 1 / 0)

    with pytest.raises(ProgramError, match="ZeroDivisionError"):
        preview(program)


def test_a_run_error_is_its_message_alone(preview):
    def program():
        raise pulumi.RunError("say this")

    with pytest.raises(pulumi.RunError) as error:
        preview(program)

    assert str(error.value) == "say this"


def test_a_program_that_ends_itself_badly_says_so(preview):
    def program():
        raise SystemExit(4)

    with pytest.raises(ProgramError, match="status 4"):
        preview(program)


def test_notes_and_warnings_are_kept_with_their_resource(preview):
    def program():
        key = aws.kms.Key("key")
        pulumi.log.info("cost: 1 USD", key)
        pulumi.log.info("only talk", key)
        pulumi.log.warn("look out")

    graph = preview(program)

    assert [(n.kind, n.urn, n.text) for n in graph.notes] == [
        ("warning", "", "look out"),
        ("cost", graph["key"].urn, "1 USD"),
    ]


def test_a_component_of_a_plugin_says_that_its_children_are_not_seen(preview):
    def program():
        remote = pulumi.ComponentResource("awsx:ec2:Vpc", "vpc", {"vpcId": None}, remote=True)
        pulumi.export("vpc", remote.vpcId)

    graph = preview(program)

    (note,) = graph.notes
    assert (note.kind, note.urn) == ("limit", graph["vpc"].urn)
    assert isinstance(graph.outputs["vpc"], Unknown)


def test_what_a_program_prints_does_not_mix_with_the_result(preview, capsys):
    preview(lambda: print("hello"))

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "hello\n"


def test_an_async_program_is_awaited(preview):
    async def program():
        aws.kms.Key("key")

    assert preview(program)["key"]


def test_a_second_preview_knows_nothing_of_the_first(preview):
    preview(lambda: aws.kms.Key("key"), config={"app:size": "3"})

    graph = preview(lambda: pulumi.export("size", pulumi.Config("app").get("size")))

    assert [r.name for r in graph.resources] == ["project-stack"]
    assert graph.outputs == {}


def test_each_resource_says_where_it_is_made(preview):
    graph = preview(lambda: Site("site"))

    assert graph["site"].source.startswith("tests/preview/test_record.py:")
    line = inspect.getsourcelines(Site.__init__)[1] + 2
    assert graph["site-bucket"].source == f"tests/preview/test_record.py:{line}"


def test_a_misspelt_nested_input_is_a_problem_of_its_resource(preview):
    def program():
        aws.s3.BucketVersioning(
            "versioning", bucket="b", versioning_configuration={"statsu": "Enabled"}
        )

    problems = preview(program).problems

    assert {p.urn for p in problems} == {
        f"{URN}aws:s3/bucketVersioning:BucketVersioning::versioning"
    }
    assert any("statsu" in p.text and "status" in p.text for p in problems)


def test_what_azure_adds_to_properties_is_not_known_before_the_vault_is_there(preview):
    import pulumi_azure_native as azure

    def program():
        properties = {"sku": {"family": "A", "name": "standard"}, "tenant_id": "t"}
        vault = azure.keyvault.Vault("it", resource_group_name="g", properties=properties)
        pulumi.export("uri", vault.properties.apply(lambda of: of.vault_uri))

    assert isinstance(preview(program).outputs["uri"], Unknown)
    assert preview(program, rendered=True).outputs["uri"].endswith(".vault.azure.net/")


def test_an_account_with_a_listed_identity_can_be_read(preview):
    import pulumi_azure_native as azure

    def program():
        identity = azure.managedidentity.UserAssignedIdentity("id", resource_group_name="g")
        account = azure.storage.StorageAccount(
            "it",
            resource_group_name="g",
            kind="StorageV2",
            sku={"name": "Standard_LRS"},
            identity={"type": "UserAssigned", "user_assigned_identities": [identity.id]},
        )
        pulumi.export("kind", account.kind)

    assert preview(program).outputs["kind"] == "StorageV2"
    assert preview(program, rendered=True).outputs["kind"] == "StorageV2"
