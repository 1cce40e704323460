using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using AgentHosting.AspNetCore.Health;
using AgentHosting.AspNetCore.Runs;
using AgentHosting.AspNetCore.Streaming;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>How the wire types are written: nulls left out, letters of any script as they are.</summary>
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(RunAcceptedBody))]
[JsonSerializable(typeof(RunStatusBody))]
[JsonSerializable(typeof(RunEventBody))]
[JsonSerializable(typeof(SessionBody))]
[JsonSerializable(typeof(HealthBody))]
[JsonSerializable(typeof(ReadinessBody))]
internal sealed partial class EndpointJsonContext : JsonSerializerContext
{
    public static EndpointJsonContext Wire { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    });
}
