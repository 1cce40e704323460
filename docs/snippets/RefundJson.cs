using System.Text.Json.Serialization;

namespace Snippets;

[JsonSerializable(typeof(decimal))]
[JsonSerializable(typeof(string))]
internal sealed partial class RefundJson : JsonSerializerContext;
