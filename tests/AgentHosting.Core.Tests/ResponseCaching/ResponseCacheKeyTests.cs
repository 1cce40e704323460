using System.Reflection;
using System.Text.Json;
using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // The key covers experimental properties too.

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class ResponseCacheKeyTests
{
    private static readonly JsonElement Schema = Json("""{"type":"object","properties":{"q":{"type":"string"}}}""");

    /// <summary>What a mutation of each property does. A property that MEAI adds is in no row, and fails the test below until someone decides.</summary>
    private static readonly Dictionary<string, Action<Request>> Changes = new(StringComparer.Ordinal)
    {
        ["ChatOptions.Instructions"] = static r => r.Options.Instructions = "other",
        ["ChatOptions.ConversationId"] = static r => r.Options.ConversationId = "c",
        ["ChatOptions.Temperature"] = static r => r.Options.Temperature = 0.3f,
        ["ChatOptions.MaxOutputTokens"] = static r => r.Options.MaxOutputTokens = 7,
        ["ChatOptions.TopP"] = static r => r.Options.TopP = 0.3f,
        ["ChatOptions.TopK"] = static r => r.Options.TopK = 3,
        ["ChatOptions.FrequencyPenalty"] = static r => r.Options.FrequencyPenalty = 0.3f,
        ["ChatOptions.PresencePenalty"] = static r => r.Options.PresencePenalty = 0.3f,
        ["ChatOptions.Seed"] = static r => r.Options.Seed = 3,
        ["ChatOptions.Reasoning"] = static r => r.Options.Reasoning = new ReasoningOptions(),
        ["ChatOptions.ResponseFormat"] = static r => r.Options.ResponseFormat = ChatResponseFormat.Json,
        ["ChatOptions.ModelId"] = static r => r.Options.ModelId = "other",
        ["ChatOptions.StopSequences"] = static r => r.Options.StopSequences = ["x"],
        ["ChatOptions.AllowMultipleToolCalls"] = static r => r.Options.AllowMultipleToolCalls = true,
        ["ChatOptions.ToolMode"] = static r => r.Options.ToolMode = ChatToolMode.None,
        ["ChatOptions.Tools"] = static r => r.Options.Tools = [new Tool()],
        ["ChatOptions.AllowBackgroundResponses"] = static r => r.Options.AllowBackgroundResponses = true,
        ["ChatOptions.ContinuationToken"] = static r => r.Options.ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }),
        ["ChatOptions.RawRepresentationFactory"] = static r => r.Options.RawRepresentationFactory = static _ => null,
        ["ChatOptions.AdditionalProperties"] = static r => r.Options.AdditionalProperties = new() { ["p"] = 1 },
        ["ReasoningOptions.Effort"] = static r => r.Options.Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High },
        ["ReasoningOptions.Output"] = static r => r.Options.Reasoning = new ReasoningOptions { Output = ReasoningOutput.Full },
        ["ChatResponseFormatJson.Schema"] = static r => r.Options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema),
        ["ChatResponseFormatJson.SchemaName"] = static r => r.Options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema, "n"),
        ["ChatResponseFormatJson.SchemaDescription"] = static r => r.Options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema, null, "d"),
        ["RequiredChatToolMode.RequiredFunctionName"] = static r => r.Options.ToolMode = ChatToolMode.RequireSpecific("f"),
        ["AIFunctionDeclaration.Name"] = static r => r.Options.Tools = [new Tool { ToolName = "other" }],
        ["AIFunctionDeclaration.Description"] = static r => r.Options.Tools = [new Tool { ToolDescription = "other" }],
        ["AIFunctionDeclaration.JsonSchema"] = static r => r.Options.Tools = [new Tool { ToolSchema = Schema }],
        ["AIFunctionDeclaration.ReturnJsonSchema"] = static r => r.Options.Tools = [new Tool { ToolReturns = Schema }],
        ["AIFunctionDeclaration.AdditionalProperties"] = static r => r.Options.Tools = [new Tool { ToolProperties = new Dictionary<string, object?> { ["Strict"] = true } }],
        ["ChatMessage.AuthorName"] = static r => r.Message.AuthorName = "other",
        ["ChatMessage.Role"] = static r => r.Message.Role = ChatRole.System,
        ["ChatMessage.Contents"] = static r => r.Message.Contents.Add(new TextContent("more")),
        ["ChatMessage.RawRepresentation"] = static r => r.Message.RawRepresentation = new object(),
        ["ChatMessage.AdditionalProperties"] = static r => r.Message.AdditionalProperties = new() { ["p"] = 1 },
        ["AIContent.Annotations"] = static r => r.Text.Annotations = [new CitationAnnotation { Title = "t" }],
        ["AIContent.RawRepresentation"] = static r => r.Text.RawRepresentation = new object(),
        ["AIContent.AdditionalProperties"] = static r => r.Text.AdditionalProperties = new() { ["p"] = 1 },
        ["TextContent.Text"] = static r => r.Text.Text = "other",
        ["TextReasoningContent.Text"] = static r => r.Message.Contents.Add(new TextReasoningContent("other")),
        ["TextReasoningContent.ProtectedData"] = static r => r.Message.Contents.Add(new TextReasoningContent("why") { ProtectedData = "other" }),
        ["DataContent.MediaType"] = static r => r.Message.Contents.Add(new DataContent(new byte[] { 1 }, "image/jpeg")),
        ["DataContent.Name"] = static r => r.Message.Contents.Add(new DataContent(new byte[] { 1 }, "image/png") { Name = "other" }),
        ["DataContent.Data"] = static r => r.Message.Contents.Add(new DataContent(new byte[] { 2 }, "image/png")),
        ["UriContent.Uri"] = static r => r.Message.Contents.Add(new UriContent("https://example.test/b", "image/png")),
        ["UriContent.MediaType"] = static r => r.Message.Contents.Add(new UriContent("https://example.test/a", "image/jpeg")),
        ["ErrorContent.Message"] = static r => r.Message.Contents.Add(new ErrorContent("other")),
        ["ErrorContent.ErrorCode"] = static r => r.Message.Contents.Add(new ErrorContent("e") { ErrorCode = "c" }),
        ["ErrorContent.Details"] = static r => r.Message.Contents.Add(new ErrorContent("e") { Details = "d" }),
        ["ToolCallContent.CallId"] = static r => r.Message.Contents.Add(new FunctionCallContent("other", "f")),
        ["FunctionCallContent.Name"] = static r => r.Message.Contents.Add(new FunctionCallContent("1", "other")),
        ["FunctionCallContent.Arguments"] = static r => r.Message.Contents.Add(new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["a"] = 1 })),
        ["ToolResultContent.CallId"] = static r => r.Message.Contents.Add(new FunctionResultContent("other", "r")),
        ["FunctionResultContent.Result"] = static r => r.Message.Contents.Add(new FunctionResultContent("1", "other")),
        ["HostedFileContent.FileId"] = static r => r.Message.Contents.Add(new HostedFileContent("other")),
        ["HostedFileContent.MediaType"] = static r => r.Message.Contents.Add(new HostedFileContent("f") { MediaType = "text/plain" }),
        ["HostedFileContent.Name"] = static r => r.Message.Contents.Add(new HostedFileContent("f") { Name = "n" }),
        ["HostedFileContent.SizeInBytes"] = static r => r.Message.Contents.Add(new HostedFileContent("f") { SizeInBytes = 3 }),
        ["HostedFileContent.Purpose"] = static r => r.Message.Contents.Add(new HostedFileContent("f") { Purpose = "p" }),
        ["HostedFileContent.Scope"] = static r => r.Message.Contents.Add(new HostedFileContent("f") { Scope = "s" }),
        ["HostedVectorStoreContent.VectorStoreId"] = static r => r.Message.Contents.Add(new HostedVectorStoreContent("other")),
    };

    /// <summary>The request that a row is compared with, where that is not the plain one: the same content with its usual values.</summary>
    private static readonly Dictionary<string, Action<Request>> Unchanged = new(StringComparer.Ordinal)
    {
        ["ReasoningOptions"] = static r => r.Options.Reasoning = new ReasoningOptions(),
        ["ChatResponseFormatJson"] = static r => r.Options.ResponseFormat = ChatResponseFormat.Json,
        ["RequiredChatToolMode"] = static r => r.Options.ToolMode = ChatToolMode.RequireAny,
        ["AIFunctionDeclaration"] = static r => r.Options.Tools = [new Tool()],
        ["TextReasoningContent"] = static r => r.Message.Contents.Add(new TextReasoningContent("why")),
        ["DataContent"] = static r => r.Message.Contents.Add(new DataContent(new byte[] { 1 }, "image/png")),
        ["UriContent"] = static r => r.Message.Contents.Add(new UriContent("https://example.test/a", "image/png")),
        ["ErrorContent"] = static r => r.Message.Contents.Add(new ErrorContent("e")),
        ["ToolCallContent"] = static r => r.Message.Contents.Add(new FunctionCallContent("1", "f")),
        ["FunctionCallContent"] = static r => r.Message.Contents.Add(new FunctionCallContent("1", "f")),
        ["ToolResultContent"] = static r => r.Message.Contents.Add(new FunctionResultContent("1", "r")),
        ["FunctionResultContent"] = static r => r.Message.Contents.Add(new FunctionResultContent("1", "r")),
        ["HostedFileContent"] = static r => r.Message.Contents.Add(new HostedFileContent("f")),
        ["HostedVectorStoreContent"] = static r => r.Message.Contents.Add(new HostedVectorStoreContent("v")),
    };

    public static TheoryData<string> AllChanges => [.. Changes.Keys];

    [Fact]
    public void PublicProperties_OfAllInputs_AreInTheKeyOrOnTheDenyList()
    {
        var inputs = new[]
            {
                typeof(ChatOptions), typeof(ChatMessage), typeof(AIContent), typeof(ReasoningOptions), typeof(ChatResponseFormatJson),
                typeof(ChatResponseFormatText), typeof(RequiredChatToolMode), typeof(ToolCallContent), typeof(ToolResultContent),
            }
            .Concat(KeyDenyList.Contents);

        var undecided = inputs.Distinct()
            .SelectMany(static type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Select(static property => $"{property.DeclaringType!.Name}.{property.Name}")
            .Where(static name => !Changes.ContainsKey(name) && !KeyDenyList.Properties.ContainsKey(name));

        Assert.Empty(undecided);
    }

    [Fact]
    public void ContentTypes_OfTheAbstractions_AreAllDecided()
    {
        var undecided = typeof(AIContent).Assembly.GetTypes()
            .Where(static type => typeof(AIContent).IsAssignableFrom(type) && type.IsPublic)
            .Where(static type => !KeyDenyList.Contents.Contains(type) && !KeyDenyList.BypassingContents.Contains(type));

        Assert.Empty(undecided);
    }

    [Fact]
    public void PublicPropertiesOfTools_AreInTheKeyOrLocal()
    {
        var known = new[] { "Name", "Description", "JsonSchema", "ReturnJsonSchema", "AdditionalProperties", "UnderlyingMethod", "JsonSerializerOptions" };

        Assert.Empty(typeof(AIFunction).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(static property => property.Name).Except(known));
    }

    [Fact]
    public void FormatsAndToolModes_OfTheAbstractions_AreAllDecided()
    {
        var known = new[]
        {
            typeof(ChatResponseFormat), typeof(ChatResponseFormatText), typeof(ChatResponseFormatJson),
            typeof(ChatToolMode), typeof(NoneChatToolMode), typeof(AutoChatToolMode), typeof(RequiredChatToolMode),
        };

        Assert.Empty(typeof(AIContent).Assembly.GetTypes()
            .Where(static type => typeof(ChatResponseFormat).IsAssignableFrom(type) || typeof(ChatToolMode).IsAssignableFrom(type))
            .Except(known));
    }

    [Theory]
    [MemberData(nameof(AllChanges))]
    public void Key_ChangedProperty_ChangesOrBypasses(string property)
    {
        var before = KeyOf(Unchanged.GetValueOrDefault(property.Split('.')[0]) ?? (static _ => { }));
        var after = KeyOf(Changes[property]);

        Assert.NotNull(before);
        Assert.NotEqual(before, after);
        Assert.Equal(KeyDenyList.Bypassing.ContainsKey(property), after is null);
    }

    [Fact]
    public void Key_AnyTwoChanges_Differ()
    {
        var keys = Changes.Where(static change => !KeyDenyList.Bypassing.ContainsKey(change.Key)).Select(static change => KeyOf(change.Value)).ToList();

        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Fact]
    public void Key_MessageIdAndTime_DoNotMatter() =>
        Assert.Equal(KeyOf(static _ => { }), KeyOf(static r =>
        {
            r.Message.MessageId = "id";
            r.Message.CreatedAt = DateTimeOffset.UnixEpoch;
        }));

    [Fact]
    public void Key_PermutedDictionariesAndJson_IsTheSame()
    {
        var one = KeyOf(static r =>
        {
            r.Options.AdditionalProperties = new() { ["a"] = 1, ["b"] = "2", ["c"] = Json("""{"x":1,"y":[1,2]}""") };
            r.Options.Tools = [new Tool { ToolSchema = Json("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"number"}}}""") }];
            r.Message.Contents.Add(new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["k"] = 1, ["l"] = true }));
        });
        var other = KeyOf(static r =>
        {
            r.Options.AdditionalProperties = new() { ["c"] = Json("""{ "y": [1, 2], "x": 1 }"""), ["b"] = "2", ["a"] = 1 };
            r.Options.Tools = [new Tool { ToolSchema = Json("""{ "properties": { "b": {"type":"number"}, "a": {"type":"string"} }, "type": "object" }""") }];
            r.Message.Contents.Add(new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["l"] = true, ["k"] = Json("1") }));
        });

        Assert.Equal(one, other);
    }

    [Fact]
    public void Key_RandomJsonPermutedAndSpaced_IsTheSame_AndChangedDiffers()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var value = RandomJson.Object(random, depth: 3);
            var (one, other, changed) = (Json(RandomJson.Write(value, random)), Json(RandomJson.Write(value, random)), Json(RandomJson.Write(RandomJson.Changed(value), random)));
            foreach (var where in new Action<Request, JsonElement>[]
            {
                static (r, json) => r.Options.AdditionalProperties = new() { ["p"] = json },
                static (r, json) => r.Options.Tools = [new Tool { ToolSchema = json }],
                static (r, json) => r.Message.Contents.Add(new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["k"] = json })),
                static (r, json) => r.Message.Contents.Add(new FunctionResultContent("1", json)),
                static (r, json) => r.Options.ResponseFormat = ChatResponseFormat.ForJsonSchema(json),
            })
            {
                var key = KeyOf(r => where(r, one));
                Assert.True(key is not null && key == KeyOf(r => where(r, other)), $"seed {seed}, value {i}: {one} and {other}");
                Assert.True(key != KeyOf(r => where(r, changed)), $"seed {seed}, value {i}: {one} and {changed}");
            }
        }
    }

    [Theory]
    [InlineData("a", "bc", "ab", "c")]
    [InlineData("", "abc", "abc", "")]
    public void Key_TextsCutElsewhere_Differ(string first, string second, string otherFirst, string otherSecond) =>
        Assert.NotEqual(
            KeyOf(r => r.Message.Contents = [new TextContent(first), new TextContent(second)]),
            KeyOf(r => r.Message.Contents = [new TextContent(otherFirst), new TextContent(otherSecond)]));

    [Fact]
    public void Key_HalvesOfSurrogatePairs_AreToldApart()
    {
        string?[] keys =
        [
            KeyOf(static r => r.Text.Text = "\ufffd"),
            KeyOf(static r => r.Text.Text = new string('\ud800', 1)),
            KeyOf(static r => r.Text.Text = new string('\ud801', 1)),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Key_TenantUserScopeAndNobody_AllDiffer()
    {
        string?[] keys =
        [
            KeyOf(static _ => { }),
            KeyOf(static r => r.Context = new AgentCallContext { TenantId = "x" }),
            KeyOf(static r => r.Context = new AgentCallContext { TenantId = "y" }),
            KeyOf(static r => r.Context = new AgentCallContext { UserId = "x" }),
            KeyOf(static r => r.Context = new AgentCallContext { CacheScope = "x" }),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(
            KeyOf(static r => r.Context = new AgentCallContext { CacheScope = "s", TenantId = "a" }),
            KeyOf(static r => r.Context = new AgentCallContext { CacheScope = "s", TenantId = "b", RunId = "r" }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Key_EmptyScopeTenantOrUser_IsNone(string empty)
    {
        Assert.NotEqual(
            KeyOf(r => r.Context = new AgentCallContext { CacheScope = empty, TenantId = "a" }),
            KeyOf(r => r.Context = new AgentCallContext { CacheScope = empty, TenantId = "b" }));
        Assert.NotEqual(
            KeyOf(r => r.Context = new AgentCallContext { TenantId = empty, UserId = "a" }),
            KeyOf(r => r.Context = new AgentCallContext { TenantId = empty, UserId = "b" }));
        Assert.Equal(
            KeyOf(static r => r.Context = new AgentCallContext { TenantId = "a" }),
            KeyOf(r => r.Context = new AgentCallContext { CacheScope = empty, TenantId = "a" }));
        Assert.Equal(KeyOf(static _ => { }), KeyOf(r => r.Context = new AgentCallContext { CacheScope = empty, TenantId = empty, UserId = empty }));
    }

    [Fact]
    public void Key_OptionsOrMessageOfADerivedType_Bypasses()
    {
        var writer = KeyWriter.Rent();

        Assert.NotNull(RequestKeyBuilder.TryWrite(writer, [], "model", [new ChatMessage(ChatRole.User, "hi")], new OwnOptions { Persona = "pirate" }));
        Assert.NotNull(RequestKeyBuilder.TryWrite(writer, [], "model", [new OwnMessage { Secret = "s" }], null));
        KeyWriter.Return(writer);
    }

    [Fact]
    public void Key_UnknownContentToolOrValue_Bypasses()
    {
        Assert.Null(KeyOf(static r => r.Message.Contents.Add(new OwnContent())));
        Assert.Null(KeyOf(static r => r.Options.Tools = [new HostedWebSearchTool()]));
        Assert.Null(KeyOf(static r => r.Options.AdditionalProperties = new() { ["p"] = new object() }));
        Assert.Null(KeyOf(static r => r.Options.AdditionalProperties = new() { ["p"] = new List<object?> { new object() } }));
    }

    [Fact]
    public void Key_LongRequests_AreToldApartByDigest()
    {
        var text = new string('a', 200_000);

        Assert.Equal(64, KeyOf(r => r.Text.Text = text)!.Length);
        Assert.NotEqual(KeyOf(r => r.Text.Text = text), KeyOf(r => r.Text.Text = text + "b"));
    }

    [Fact]
    public void Key_SameRequest_IsTheSameInEveryProcess() =>
        Assert.Equal(
            "agenthosting:answer:v1:36189c54461fd23767df57bd98998905549926c8cedd5f64f8a0c24c4bd3ea46",
            RequestKey.Of(Convert.FromHexString(KeyOf(static r => r.Options.Tools = [new Tool { ToolSchema = Schema }])!)).Shared);

    private static string? KeyOf(Action<Request> change)
    {
        var request = new Request();
        change(request);
        var writer = KeyWriter.Rent();
        try
        {
            var options = request.Context is null ? request.Options : request.Options.WithAgentContext(request.Context);
            return RequestKeyBuilder.TryWrite(writer, [], options.ModelId ?? "model", [new ChatMessage(ChatRole.System, "Be brief."), request.Message], options) is null
                ? Convert.ToHexString(RequestKey.Identity(writer.Written, stackalloc byte[32]))
                : null;
        }
        finally
        {
            KeyWriter.Return(writer);
        }
    }

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    private sealed class Request
    {
        public Request()
        {
            Text = new TextContent("hello");
            Message = new ChatMessage(ChatRole.User, [Text]);
        }

        public ChatOptions Options { get; } = new();

        public ChatMessage Message { get; }

        public TextContent Text { get; }

        public AgentCallContext? Context { get; set; }
    }

    private sealed class Tool : AIFunctionDeclaration
    {
        public string ToolName { get; init; } = "tool";

        public string ToolDescription { get; init; } = "does";

        public JsonElement ToolSchema { get; init; } = Json("""{"type":"object"}""");

        public JsonElement? ToolReturns { get; init; }

        public IReadOnlyDictionary<string, object?> ToolProperties { get; init; } = new Dictionary<string, object?>();

        public override string Name => ToolName;

        public override string Description => ToolDescription;

        public override JsonElement JsonSchema => ToolSchema;

        public override JsonElement? ReturnJsonSchema => ToolReturns;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties => ToolProperties;
    }

    private sealed class OwnContent : AIContent;

    private sealed class OwnOptions : ChatOptions
    {
        public string? Persona { get; init; }
    }

    private sealed class OwnMessage : ChatMessage
    {
        public string? Secret { get; init; }
    }
}
