using AgentHosting.Testing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing;

/// <summary>
/// An <see cref="IChatClient"/> that answers from a script, gives the same content in both call styles, and records what it was asked. Needs no network.
/// Thread-safe: calls at once take turns in the order in which they begin.
/// </summary>
/// <remarks>
/// A stream begins, as OpenAI's does, with an update that has a role and no content. When a turn names no usage, it is estimated: four UTF-16
/// characters are one token, rounded up; input counts instructions, text, tool calls (name and argument JSON) and tool results, output counts
/// reasoning, text and tool calls. A stream that is never enumerated is no call.
/// </remarks>
public sealed partial class ScriptedChatClient : IChatClient
{
    private readonly TurnScript _script;
    private readonly RequestLog<RecordedChatRequest> _log = new();
    private int _disposed;

    /// <summary>Creates a client that plays these turns in order, one a call.</summary>
    /// <param name="turns">
    /// The turns, at least one. A call beyond the last throws <see cref="InvalidOperationException"/> unless <see cref="Repeat"/> is set.
    /// </param>
    /// <exception cref="ArgumentException">There is no turn, or one is null.</exception>
    public ScriptedChatClient(params ScriptedTurn[] turns) => _script = new TurnScript(turns);

    /// <summary>Creates a client that asks a function for the answer to each call.</summary>
    /// <param name="script">Gives the turn for a request. May be called by several threads at once; what it throws, the call throws.</param>
    public ScriptedChatClient(Func<ScriptedRequest, ScriptedTurn> script) => _script = new TurnScript(script);

    /// <summary>Whether the list of turns starts again after its end.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Repeat { get; init; }

    /// <summary>The clock for delays and recorded times.</summary>
    /// <value>The default is <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The model name in answers to requests that name none, and in <see cref="ChatClientMetadata"/>.</summary>
    /// <value>The default is <c>scripted-model</c>.</value>
    public string ModelId { get; init; } = "scripted-model";

    /// <summary>The provider name in <see cref="ChatClientMetadata"/>.</summary>
    /// <value>The default is <c>scripted</c>.</value>
    public string ProviderName { get; init; } = "scripted";

    /// <summary>The calls so far, in the order in which they began. The list is a snapshot; the outcome of a request in it is kept up to date.</summary>
    public IReadOnlyList<RecordedChatRequest> Requests => _log.Snapshot();

    /// <summary>How many calls have begun.</summary>
    public int CallCount => _log.Count;

    /// <summary>How many calls have begun and not ended. A stream ends when its enumerator is disposed or has no more.</summary>
    public int InFlight => _log.InFlight;

    /// <summary>Whether <see cref="Dispose"/> was called. A disposed client still answers, so that a test can tell who disposes what.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Waits until this many calls have begun.</summary>
    /// <param name="count">The number of calls.</param>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public Task WaitForRequestsAsync(int count, CancellationToken cancellationToken = default) =>
        _log.WaitAsync(() => _log.Count >= count, cancellationToken);

    /// <summary>Waits until no call is in flight.</summary>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public Task WaitForIdleAsync(CancellationToken cancellationToken = default) => _log.WaitAsync(() => _log.InFlight == 0, cancellationToken);

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
        {
            return null;
        }

        return serviceType == typeof(ChatClientMetadata)
            ? new ChatClientMetadata(ProviderName, defaultModelId: ModelId)
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Marks the client as disposed. It holds nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _disposed, 1);
}
