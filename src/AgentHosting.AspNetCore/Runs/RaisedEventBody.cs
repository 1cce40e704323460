using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentHosting.AspNetCore.Internal;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>The body of an event for a run.</summary>
internal sealed class RaisedEventBody
{
    private const int MaxLength = 200;
    private static readonly string[] Fields = ["name", "payload", "id"];

    [JsonPropertyName("name")]
    [Description("The name under which the run waits for it: that of the entry in waiting_for.")]
    [StringLength(MaxLength, MinimumLength = 1)]
    public required string Name { get; init; }

    [JsonPropertyName("payload")]
    [Description("What the run gets: any JSON.")]
    public JsonElement? Payload { get; init; }

    [JsonPropertyName("id")]
    [Description("Names this event, so that it can be sent again: the same id counts once.")]
    [StringLength(MaxLength, MinimumLength = 1)]
    public string? Id { get; init; }

    /// <returns>The event, or <see langword="null"/> when <paramref name="errors"/> says why there is none.</returns>
    public static RaisedEventBody? Parse(ReadOnlyMemory<byte> body, FieldErrors errors) => JsonBody.Read(body, Fields, errors, fields =>
    {
        var name = fields.ReadString("name");
        var payload = fields.ReadAny("payload");
        var id = fields.ReadString("id");
        if (!fields.Has("name"))
        {
            errors.Add("name", "Say which event it is: waiting_for in the status names those that the run waits for.");
        }

        Check("name", name);
        Check("id", id);
        return errors.Any ? null : new RaisedEventBody { Name = name!, Payload = payload, Id = id };

        void Check(string field, string? value)
        {
            if (value is not null && string.IsNullOrWhiteSpace(value))
            {
                errors.Add(field, "It is empty.");
            }
            else if (value?.Length > MaxLength)
            {
                errors.Add(field, string.Create(CultureInfo.InvariantCulture, $"It has {value.Length} characters. Send at most {MaxLength}."));
            }
        }
    });
}
