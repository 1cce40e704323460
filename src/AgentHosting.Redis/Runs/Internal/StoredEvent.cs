using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.PayloadProtection.Internal;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>
/// An event as it is stored: JSON, or where it has content and a protector is there, <c>FF V JSON:TEXT:</c>, the JSON of what is no content, a frame of the text where scripts put such texts together, and a frame
/// of the JSON of all other content, if any.
/// </summary>
internal static class StoredEvent
{
    /// <param name="runEvent">The event.</param>
    /// <param name="isText">Whether scripts put its text together with that of others.</param>
    /// <param name="payloads">Protects it.</param>
    /// <returns>Such text, and the whole event.</returns>
    public static (RedisValue Text, byte[] Body) Write(AgentRunEvent runEvent, bool isText, RunPayloads payloads)
    {
        if (!payloads.IsSealing || !HasContent(runEvent))
        {
            return (isText ? RunArguments.Of(runEvent.Text) : RedisValue.EmptyString, Json(runEvent));
        }

        var isTextApart = isText && !string.IsNullOrEmpty(runEvent.Text);
        var open = Json(WithoutContent(runEvent));
        byte[] text = isTextApart ? (byte[])payloads.SealText(PayloadKinds.Text, runEvent.Text)! : [];
        var content = ContentOf(runEvent, isTextApart ? null : runEvent.Text);
        var closed = HasContent(content) ? payloads.Seal(PayloadKinds.Event, Json(content)) : default;
        byte[] header = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"V{open.Length}:{text.Length}:"));
        return (text, [0xff, .. header, .. open, .. text, .. closed.Span]);
    }

    public static AgentRunEvent Read(ReadOnlySpan<byte> body, RunPayloads payloads)
    {
        if (!PayloadFrame.BeginsWithMark(body))
        {
            return Parse(body);
        }

        AgentRunEvent open;
        byte[] text, closed;
        try
        {
            (open, text, closed) = Parts(body);
        }
        catch (CryptographicException exception)
        {
            payloads.NoteUnreadable(PayloadKinds.Event, exception);
            return new AgentRunEvent { Type = "" };
        }

        var content = closed.Length > 0 && payloads.Open(PayloadKinds.Event, closed) is { } json ? Parse(json) : null;
        return With(open, content, text.Length > 0 ? payloads.OpenTexts(text) : content?.Text);
    }

    private static (AgentRunEvent Open, byte[] Text, byte[] Closed) Parts(ReadOnlySpan<byte> body)
    {
        if (body.Length < 2 || body[1] != (byte)'V')
        {
            throw PayloadFrame.Broken();
        }

        var rest = body[2..];
        var open = PayloadFrame.TakeLength(ref rest);
        var text = PayloadFrame.TakeLength(ref rest);
        if (open > rest.Length || text > rest.Length - open)
        {
            throw PayloadFrame.Broken();
        }

        return (Parse(rest[..open]), rest.Slice(open, text).ToArray(), rest[(open + text)..].ToArray());
    }

    private static bool HasContent(AgentRunEvent runEvent) =>
        runEvent is not { Text: null or "", CallId: null, Arguments: null, ToolResult: null, Result: null, Error: null, Reason: null, Approver: null };

    private static byte[] Json(AgentRunEvent runEvent) => JsonSerializer.SerializeToUtf8Bytes(runEvent, StoredRunJson.Default.AgentRunEvent);

    private static AgentRunEvent Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, StoredRunJson.Default.AgentRunEvent)!;

    private static AgentRunEvent ContentOf(AgentRunEvent runEvent, string? text) => new()
    {
        Type = "",
        Text = text,
        CallId = runEvent.CallId,
        Arguments = runEvent.Arguments,
        ToolResult = runEvent.ToolResult,
        Result = runEvent.Result,
        Error = runEvent.Error,
        Reason = runEvent.Reason,
        Approver = runEvent.Approver,
    };

    private static AgentRunEvent WithoutContent(AgentRunEvent runEvent) => With(runEvent, null, null);

    private static AgentRunEvent With(AgentRunEvent open, AgentRunEvent? content, string? text) => new()
    {
        Sequence = open.Sequence,
        Type = open.Type,
        At = open.At,
        RunId = open.RunId,
        Agent = open.Agent,
        Attempt = open.Attempt,
        Step = open.Step,
        Kind = open.Kind,
        Name = open.Name,
        Model = open.Model,
        Usage = open.Usage,
        Cost = open.Cost,
        Status = open.Status,
        RequestId = open.RequestId,
        Approved = open.Approved,
        HasEffects = open.HasEffects,
        Text = text,
        CallId = content?.CallId,
        Arguments = content?.Arguments,
        ToolResult = content?.ToolResult,
        Result = content?.Result,
        Error = content?.Error,
        Reason = content?.Reason,
        Approver = content?.Approver,
    };
}
