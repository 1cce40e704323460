using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentHosting.ToolValidation.Internal;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// The question whether to repeat a tool call that was begun and interrupted. Each interruption has a question of its own (<c>1.0/repeat</c>, <c>1.0/repeat2</c>…): before a call is
/// repeated, that its answer is used up is noted with the step.
/// </summary>
internal static class RunRepeats
{
    public const string Unknown = "this call was begun before and interrupted. Whether it took effect is not known.";
    public const string Suffix = "/repeat";

    /// <summary>The result of a call about which nobody had answered before its run ended.</summary>
    public static byte[] NotAnswered { get; } = JournalFormat.WriteToolResult(
        ToolResultKind.Error, $"Error: {Unknown} A person was asked whether to repeat it, and had not answered when the task ended. It was not repeated.", JournalFormat.Options);

    public static string KeyOf(string toolStep, int number) =>
        number == 1 ? toolStep + Suffix : string.Create(CultureInfo.InvariantCulture, $"{toolStep}{Suffix}{number}");

    /// <summary>How many answers are used up.</summary>
    public static int UsedIn(RunStepNote? note)
    {
        if (note is null)
        {
            return 0;
        }

        using var document = JournalFormat.Parse(note.Payload);
        return document.RootElement.GetProperty("repeats").GetInt32();
    }

    public static RunStepNote Used(string toolStep, int number)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", JournalFormat.Version);
            writer.WriteNumber("repeats", number);
            writer.WriteEndObject();
        }

        return new RunStepNote { Key = toolStep, Version = JournalFormat.Version, Payload = buffer.WrittenSpan.ToArray() };
    }

    /// <summary>What the model reads where the call is not repeated.</summary>
    public static string Told(ApprovalAnswer? answer) => answer switch
    {
        // Also where it was approved for another state of the tool.
        null or { IsApproved: true } => $"{Unknown} Do not make it again before you have found out; say so if you cannot.",
        { IsExpired: true } => $"{Unknown} A person was asked whether to repeat it, and nobody answered in time: it was not repeated. Do not make it again before you have found out; say so if you cannot.",
        { Reason.Length: > 0 } => $"{Unknown} A person decided not to repeat it. The reason given: {answer.Reason} Do not make it again.",
        _ => $"{Unknown} A person decided not to repeat it. Do not make it again.",
    };
}
