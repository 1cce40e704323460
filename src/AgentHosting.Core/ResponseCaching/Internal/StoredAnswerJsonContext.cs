using System.Text.Json.Serialization;

namespace AgentHosting.ResponseCaching.Internal;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredAnswer))]
internal sealed partial class StoredAnswerJsonContext : JsonSerializerContext;
