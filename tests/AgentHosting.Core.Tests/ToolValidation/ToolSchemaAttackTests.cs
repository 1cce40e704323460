using System.Text.Json;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ToolValidation;

/// <summary>Schemas that a stranger's server wrote, and arguments that make honest ones slow. Neither ends the process nor holds it up.</summary>
public sealed class ToolSchemaAttackTests
{
    private const string Fork =
        """{"type":"object","properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"anyOf":[{"properties":{"a":{"$ref":"#/$defs/x"}},"required":["y"]},{"properties":{"a":{"$ref":"#/$defs/x"}},"required":["z"]}]}}}""";

    public static TheoryData<string, string, string, string> Attacks => new()
    {
        { "pattern that backtracks", """{"type":"object","properties":{"a":{"type":"string","pattern":"^(a+)+$"}}}""", $$"""{"a":"{{new string('a', 40)}}!"}""", ToolErrorCodes.InvalidArguments },
        { "pattern that backtracks a little, many times", """{"type":"object","properties":{"a":{"items":{"pattern":"^(a+)+$"}}}}""", $$"""{"a":[{{string.Join(',', Enumerable.Repeat($"\"{new string('a', 21)}!\"", 2_000))}}]}""", ToolErrorCodes.InvalidArguments },
        { "pattern of names that backtracks", """{"type":"object","patternProperties":{"^(a+)+$":{}}}""", $$"""{"{{new string('a', 40)}}!":1}""", ToolErrorCodes.InvalidArguments },
        { "pattern of names in an old draft", """{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","patternProperties":{"^(a+)+$":{}}}""", $$"""{"{{new string('a', 40)}}!":1}""", ToolErrorCodes.InvalidArguments },
        { "reference to nothing", """{"type":"object","properties":{"a":{"$ref":"#/$defs/none"}}}""", """{"a":1}""", ToolErrorCodes.InvalidSchema },
        { "reference to a server", """{"type":"object","properties":{"a":{"$ref":"http://127.0.0.1:9/schema"}}}""", """{"a":1}""", ToolErrorCodes.InvalidSchema },
        { "reference to itself", """{"type":"object","properties":{"a":{"$ref":"#/properties/a"}}}""", """{"a":1}""", ToolErrorCodes.InvalidSchema },
        { "references in a circle", """{"type":"object","properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"allOf":[{"$ref":"#/$defs/y"}]},"y":{"allOf":[{"$ref":"#/$defs/x"}]}}}""", """{"a":1}""", ToolErrorCodes.InvalidSchema },
        { "dynamic reference to itself", """{"$dynamicAnchor":"n","$dynamicRef":"#n"}""", """{"a":1}""", ToolErrorCodes.InvalidSchema },
        { "recursive reference to itself", """{"$schema":"https://json-schema.org/draft/2019-09/schema","allOf":[{"$recursiveRef":"#"}]}""", """{"a":1}""", ToolErrorCodes.InvalidSchema },
        { "references that double at each level", Fork, $"{string.Concat(Enumerable.Repeat("{\"a\":", 25))}1{new string('}', 25)}", ToolErrorCodes.InvalidArguments },
        { "pattern that is none", """{"type":"object","properties":{"a":{"pattern":"("}}}""", """{"a":"x"}""", ToolErrorCodes.InvalidSchema },
        { "type that is none", """{"type":"object","properties":{"a":{"type":"frog"}}}""", """{"a":"x"}""", ToolErrorCodes.InvalidSchema },
        { "a false schema", "false", "{}", ToolErrorCodes.InvalidArguments },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Call_SchemaIsHostile_IsAnsweredSoonAndNotMade(string what, string schema, string arguments, string expected)
    {
        var bench = new ToolBench();
        var call = bench.BeginAsync(new SchemaTool(bench, schema), arguments);
        var outcome = await call.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.True(outcome.ErrorCode == expected, $"{what}: {outcome}");
        Assert.Equal(0, bench.Runs);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"object","properties":{"a":{"$ref":"#/$defs/n"}}}}}""", """{"a":{"a":{"a":{}}}}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"$ref":"#/definitions/n"}},"definitions":{"n":{"type":"string","pattern":"^\\d{4}$"}}}""", """{"a":"2026"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","pattern":"^(?=.*[a-z]).+$"}},"unevaluatedProperties":false}""", """{"a":"x"}""")]
    [InlineData("""{"type":"object","patternProperties":{"^x-":{"type":"integer"}},"additionalProperties":false}""", """{"x-a":1}""")]
    public async Task Call_SchemaWithReferencesAndPatterns_IsMade(string schema, string arguments)
    {
        var bench = new ToolBench();

        Assert.Null((await bench.BeginAsync(new SchemaTool(bench, schema), arguments)).ErrorCode);
        Assert.Equal(1, bench.Runs);
    }

    private sealed class SchemaTool(ToolBench bench, string schema) : AIFunction
    {
        public override string Name => "strange";

        public override JsonElement JsonSchema { get; } = JsonDocument.Parse(schema).RootElement;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => new(bench.Ran("ok"));
    }
}
