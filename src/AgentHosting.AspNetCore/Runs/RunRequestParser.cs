using System.Globalization;
using AgentHosting.AspNetCore.Internal;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Turns the bytes of a body into a request. It checks what JSON can get wrong; what the fields mean is checked where the run is submitted.</summary>
internal static class RunRequestParser
{
    private static readonly string[] Fields = ["message", "user_id", "session_id", "agent", "priority", "delay", "on_busy", "supersede", "metadata"];
    private static readonly double MaxDelaySeconds = TimeSpan.FromDays(30).TotalSeconds;

    /// <returns>The request, or <see langword="null"/> when <paramref name="errors"/> says why there is none.</returns>
    public static RunRequestBody? Parse(ReadOnlyMemory<byte> body, int maxMessageLength, FieldErrors errors) =>
        JsonBody.Read(body, Fields, errors, fields => Read(fields, maxMessageLength, errors));

    private static RunRequestBody? Read(JsonFieldReader fields, int maxMessageLength, FieldErrors errors)
    {
        var request = new RunRequestBody
        {
            Message = fields.ReadString("message") ?? "",
            UserId = fields.ReadString("user_id"),
            SessionId = fields.ReadString("session_id"),
            Agent = fields.ReadString("agent"),
            Priority = fields.ReadInteger("priority", 0, 9) ?? 0,
            Delay = fields.ReadNumber("delay", 0, MaxDelaySeconds) ?? 0,
            OnBusy = fields.ReadWord("on_busy", "enqueue", "reject", "interrupt", "rollback"),
            Supersede = fields.ReadBoolean("supersede") ?? false,
            Metadata = fields.ReadStrings("metadata"),
        };
        if (!fields.Has("message"))
        {
            errors.Add("message", "Say something: the message is missing.");
        }
        else if (request.Message.Length > maxMessageLength)
        {
            errors.Add("message", string.Create(CultureInfo.InvariantCulture, $"The message has {request.Message.Length} characters. Send at most {maxMessageLength}."));
        }

        return errors.Any ? null : request;
    }
}
