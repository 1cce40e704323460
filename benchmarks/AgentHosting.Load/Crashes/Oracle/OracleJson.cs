using System.Text.Json.Serialization;

namespace AgentHosting.Load.Crashes.Oracle;

[JsonSerializable(typeof(OracleCall))]
internal sealed partial class OracleJson : JsonSerializerContext;
