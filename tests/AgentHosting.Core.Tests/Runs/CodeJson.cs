using System.Text.Json.Serialization;

namespace AgentHosting.Core.Tests.Runs;

[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Payment))]
internal sealed partial class CodeJson : JsonSerializerContext;
