using System.Text.Json.Serialization;

namespace AgentHosting.ResponseCaching.Internal;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredAnswer))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class StoredAnswerJsonContext : JsonSerializerContext;
