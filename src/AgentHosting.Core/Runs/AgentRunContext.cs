using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentHosting.Runs.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs;

/// <summary>
/// The run that code is part of. The code of an agent is given it; tools get it from the services of their attempt: <c>services.GetRequiredService&lt;AgentRunContext&gt;()</c>.
/// </summary>
/// <remarks>
/// Steps, model calls and waits are journaled in the order in which they are begun, so that this order must not depend on clocks, chance or anything else outside them: put
/// that into a step. Where the run has to wait, the call throws, the code must let that pass, and it is called again from its beginning when the answer is there. Code
/// that catches it is refused everything that follows. Steps do not nest. They may be begun at once, also in branches that go on side by side: results are handed over one at a
/// time, in the order of the journal. Between calls that run side by side await nothing but such calls.
/// </remarks>
public sealed class AgentRunContext
{
    /// <summary>The run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>The first of the runs that were requeued one from another; the run's own id where it was submitted. Name what must happen once after it.</summary>
    /// <value>The default is <see cref="RunId"/>.</value>
    public string OriginId
    {
        get => field ?? RunId;
        init;
    }

    /// <summary>The agent's name.</summary>
    public required string Agent { get; init; }

    /// <summary>Who submitted the run.</summary>
    public required AgentIdentity Identity { get; init; }

    /// <summary>The conversation, if any.</summary>
    public string? SessionId { get; init; }

    /// <summary>The attempt, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Labels given at submission.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>What the run was asked.</summary>
    /// <value>The default is an empty text.</value>
    public string Message { get; init; } = "";

    /// <summary>The services of the attempt.</summary>
    /// <exception cref="InvalidOperationException">The context belongs to no attempt.</exception>
    public IServiceProvider Services
    {
        get => field ?? throw RunSteps.NoAttempt();
        init;
    }

    /// <summary>The agent's pipeline, down to the model catalog. Each call is a step; a streamed one is handed out when it is committed, while watchers see its text as it comes.</summary>
    /// <value>Model, temperature and the most output tokens are those of the agent's settings where the options of a call name none. Tools of a loop around it are not journaled: give what they do a <see cref="StepAsync{T}"/>.</value>
    /// <exception cref="InvalidOperationException">The context belongs to no attempt.</exception>
    public IChatClient ChatClient => StepsOrThrow.ChatClient;

    internal RunSteps? Steps { get; set; }

    private RunSteps StepsOrThrow => Steps ?? throw RunSteps.NoAttempt();

    /// <summary>Reads the conversation: what was said before in the session, and <see cref="Message"/> at its end.</summary>
    /// <returns>Messages that are the caller's own.</returns>
    /// <exception cref="InvalidOperationException">The context belongs to no attempt.</exception>
    public IReadOnlyList<ChatMessage> GetConversation() => StepsOrThrow.GetConversation();

    /// <summary>Does something once: its result is journaled, and a later attempt reads it instead of doing it again. A step that was interrupted is done again.</summary>
    /// <typeparam name="T">What it results in.</typeparam>
    /// <param name="name">Names the step, 1 to 200 characters. Another name at its place in a later attempt fails the run as <see cref="AgentRunErrorCodes.JournalMismatch"/>.</param>
    /// <param name="step">What to do. Its token ends with the attempt. What it throws ends the attempt: nothing more is begun, and the run is tried again. Catch inside what you want to go on from.</param>
    /// <param name="typeInfo">How the result is written, from a <c>JsonSerializerContext</c>.</param>
    /// <param name="cancellationToken">Ends the step.</param>
    /// <returns>The result as it was written and read.</returns>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">It is called inside a step, outside tools and code, or after the code has ended.</exception>
    public Task<T> StepAsync<T>(string name, Func<CancellationToken, Task<T>> step, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default) =>
        StepsOrThrow.StepAsync(name, step, typeInfo, cancellationToken);

    /// <summary>Waits for a time, by the store's clock. The run holds nothing meanwhile, neither a worker nor a place of its tenant, and does not age.</summary>
    /// <param name="delay">How long; nothing is waited for when it is not positive.</param>
    /// <param name="cancellationToken">Ends the call, not the wait.</param>
    /// <returns>A task that ends when the time is up.</returns>
    /// <exception cref="InvalidOperationException">It is called inside a step, outside tools and code, or after the code has ended.</exception>
    public Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken = default) => StepsOrThrow.DelayAsync(delay, cancellationToken);

    /// <summary>Waits for an event that is raised with <see cref="IAgentRunClient.RaiseEventAsync"/>, or was before. The run holds nothing meanwhile.</summary>
    /// <param name="name">The name of the event, 1 to 200 characters.</param>
    /// <param name="timeout">How long at most, by the store's clock; <see langword="null"/> for ever.</param>
    /// <param name="cancellationToken">Ends the call, not the wait.</param>
    /// <returns>The payload of the event; <see langword="null"/> when the time was up.</returns>
    /// <exception cref="ArgumentException">The name is empty or too long, or the timeout is not positive.</exception>
    /// <exception cref="InvalidOperationException">It is called inside a step, outside tools and code, or after the code has ended.</exception>
    public Task<JsonElement?> WaitForEventAsync(string name, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        StepsOrThrow.WaitForEventAsync(name, timeout, cancellationToken);

    /// <summary>Waits for an event that is raised with <see cref="IAgentRunClient.RaiseEventAsync"/>, or was before. The run holds nothing meanwhile.</summary>
    /// <typeparam name="T">The payload.</typeparam>
    /// <param name="name">The name of the event, 1 to 200 characters.</param>
    /// <param name="typeInfo">How the payload is read, from a <c>JsonSerializerContext</c>.</param>
    /// <param name="timeout">How long at most, by the store's clock; <see langword="null"/> for ever.</param>
    /// <param name="cancellationToken">Ends the call, not the wait.</param>
    /// <returns>The payload of the event; the default of its type when the time was up.</returns>
    /// <exception cref="ArgumentException">The name is empty or too long, or the timeout is not positive.</exception>
    /// <exception cref="JsonException">The payload is something else.</exception>
    /// <exception cref="InvalidOperationException">It is called inside a step, outside tools and code, or after the code has ended.</exception>
    public async Task<T?> WaitForEventAsync<T>(string name, JsonTypeInfo<T> typeInfo, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return await WaitForEventAsync(name, timeout, cancellationToken) is { } payload ? payload.Deserialize(typeInfo) : default;
    }

    /// <summary>Asks a person, who answers like an approval: over <see cref="IAgentRunClient.AnswerApprovalAsync"/> or the endpoint <c>approvals</c>. The run holds nothing meanwhile.</summary>
    /// <param name="name">Names the question, 1 to 200 characters.</param>
    /// <param name="question">What the person reads. An answer holds for these words alone, so that a later attempt must ask with the same.</param>
    /// <param name="details">What else the person is shown; filtered by the host's output guard.</param>
    /// <param name="approver">The policy that the person must satisfy; <see langword="null"/> for the run's owner.</param>
    /// <param name="timeout">How long at most, by the store's clock; <see langword="null"/> for ever.</param>
    /// <param name="cancellationToken">Ends the call, not the wait.</param>
    /// <returns>The answer; not approved, without an approver, when the time was up.</returns>
    /// <exception cref="ArgumentException">The name or the question is empty, the name is too long, or the timeout is not positive.</exception>
    /// <exception cref="InvalidOperationException">It is called inside a step, outside tools and code, or after the code has ended.</exception>
    public Task<AgentRunApproval> AskAsync(
        string name, string question, JsonElement? details = null, string? approver = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        StepsOrThrow.AskAsync(name, question, details, approver, timeout, cancellationToken);
}
