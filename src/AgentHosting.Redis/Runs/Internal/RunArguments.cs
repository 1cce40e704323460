using System.Globalization;
using System.Text.Json;
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

    public static RedisValue Of(decimal cost) => cost.ToString(CultureInfo.InvariantCulture);

    public static RedisValue Of(AgentRunUsage? usage) => usage is null
        ? RedisValue.EmptyString
        : string.Create(CultureInfo.InvariantCulture, $"{usage.InputTokens} {usage.OutputTokens} {usage.CachedInputTokens} {usage.ReasoningTokens} {usage.TotalTokens}");

    public static RedisValue Of(AgentRunError? error) => error is null ? RedisValue.EmptyString : JsonSerializer.SerializeToUtf8Bytes(error, StoredRunJson.Default.AgentRunError);

    public static RedisValue Of(RunStep step) => JsonSerializer.SerializeToUtf8Bytes(StoredStep.Of(step), StoredRunJson.Default.StoredStep);

    /// <summary>Flag, step, text, effects, JSON of each.</summary>
    public static void Add(List<RedisValue> arguments, IReadOnlyList<AgentRunEvent> events)
    {
        foreach (var runEvent in events)
        {
            var flag = FlagOf(runEvent);
            arguments.Add(flag);
            arguments.Add(Of(runEvent.Step));
            arguments.Add(flag == "D" ? Of(runEvent.Text) : RedisValue.EmptyString);
            arguments.Add(runEvent.HasEffects ? "1" : "0");
            arguments.Add(Json(runEvent));
        }
    }

    /// <summary>Decision, version, payload, event; nothing for none.</summary>
    public static RedisValue Packed(RunAnswer? answer)
    {
        if (answer is null)
        {
            return RedisValue.EmptyString;
        }

        var writer = new MessagePackWriter().Array(4).Text(answer.Decision).Number(answer.Version).Bytes(answer.Payload.Span);
        if (answer.Event is { } told)
        {
            var flag = FlagOf(told);
            writer.Array(5).Text(flag).Text(told.Step ?? "").Text(flag == "D" ? told.Text ?? "" : "").Text(told.HasEffects ? "1" : "0").Bytes(Json(told));
        }
        else
        {
            writer.False();
        }

        return writer.Written;
    }

    private static byte[] Json(AgentRunEvent runEvent) => JsonSerializer.SerializeToUtf8Bytes(runEvent, StoredRunJson.Default.AgentRunEvent);

    private static string FlagOf(AgentRunEvent runEvent) => runEvent.Type switch
    {
        AgentRunEventTypes.StepStarted or AgentRunEventTypes.StepRestarted => "S",
        AgentRunEventTypes.TextDelta => "D",
        AgentRunEventTypes.ReasoningDelta => "R",
        _ => "E",
    };
}
