using System.Text.Json.Serialization;
using AgentHosting.Runs;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>The JSON of what is stored of runs. As deep as the journal's own: what a tool returned may be part of an event.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, MaxDepth = 1_100)]
[JsonSerializable(typeof(StoredSubmission))]
[JsonSerializable(typeof(StoredContent))]
[JsonSerializable(typeof(StoredStep))]
[JsonSerializable(typeof(StoredWait))]
[JsonSerializable(typeof(AgentRunEvent))]
[JsonSerializable(typeof(AgentRunError))]
internal sealed partial class StoredRunJson : JsonSerializerContext;
