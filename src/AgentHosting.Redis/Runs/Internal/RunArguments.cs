using System.Globalization;
using System.Text.Json;
using AgentHosting.PayloadProtection;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>How what the store is given goes to its scripts.</summary>
internal static class RunArguments
{
    public static RedisValue Flag(bool flag) => flag ? "1" : RedisValue.EmptyString;

    public static RedisValue Of(string? text) => text ?? RedisValue.EmptyString;

    /// <summary>What may be empty, or not there.</summary>
    public static RedisValue Optional(string? text) => text is null ? RedisValue.EmptyString : "1" + text;

    /// <inheritdoc cref="Optional(string?)"/>
    public static RedisValue Optional(string kind, string? text, RunPayloads payloads)
    {
        if (text is null || !payloads.IsSealing)
        {
            return Optional(text);
        }

        return (byte[])[(byte)'1', .. ((ReadOnlyMemory<byte>)payloads.SealText(kind, text)).Span];
    }

    public static RedisValue Of(decimal cost) => cost.ToString(CultureInfo.InvariantCulture);

    public static RedisValue Of(AgentRunUsage? usage) => usage is null
        ? RedisValue.EmptyString
        : string.Create(CultureInfo.InvariantCulture, $"{usage.InputTokens} {usage.OutputTokens} {usage.CachedInputTokens} {usage.ReasoningTokens} {usage.TotalTokens}");

    public static RedisValue Of(AgentRunError? error, RunPayloads payloads) =>
        error is null ? RedisValue.EmptyString : payloads.Seal(PayloadKinds.Error, JsonSerializer.SerializeToUtf8Bytes(error, StoredRunJson.Default.AgentRunError));

    public static RedisValue Of(RunStep step) => JsonSerializer.SerializeToUtf8Bytes(StoredStep.Of(step), StoredRunJson.Default.StoredStep);

    /// <summary>Flag, step, text, effects, body of each.</summary>
    public static void Add(List<RedisValue> arguments, IReadOnlyList<AgentRunEvent> events, RunPayloads payloads)
    {
        foreach (var runEvent in events)
        {
            var flag = FlagOf(runEvent);
            var (text, body) = StoredEvent.Write(runEvent, isText: flag == "D", payloads);
            arguments.Add(flag);
            arguments.Add(Of(runEvent.Step));
            arguments.Add(text);
            arguments.Add(runEvent.HasEffects ? "1" : "0");
            arguments.Add(body);
        }
    }

    /// <summary>Decision, version, payload, event; nothing for none.</summary>
    public static RedisValue Packed(RunAnswer? answer, RunPayloads payloads)
    {
        if (answer is null)
        {
            return RedisValue.EmptyString;
        }

        var writer = new MessagePackWriter().Array(4).Text(answer.Decision).Number(answer.Version).Bytes(payloads.Seal(PayloadKinds.Step, answer.Payload).Span);
        if (answer.Event is { } told)
        {
            var flag = FlagOf(told);
            var (text, body) = StoredEvent.Write(told, isText: flag == "D", payloads);
            writer.Array(5).Text(flag).Text(told.Step ?? "").Bytes(((ReadOnlyMemory<byte>)text).Span).Text(told.HasEffects ? "1" : "0").Bytes(body);
        }
        else
        {
            writer.False();
        }

        return writer.Written;
    }

    private static string FlagOf(AgentRunEvent runEvent) => runEvent.Type switch
    {
        AgentRunEventTypes.StepStarted or AgentRunEventTypes.StepRestarted => "S",
        AgentRunEventTypes.TextDelta => "D",
        AgentRunEventTypes.ReasoningDelta => "R",
        _ => "E",
    };
}
