using System.Globalization;
using AgentHosting.Testing.Internal;
using Microsoft.AspNetCore.Builder;

namespace AgentHosting.Testing;

/// <summary>
/// An HTTP server on 127.0.0.1 that speaks the OpenAI chat-completions wire and answers from a script. For tests of everything that a client in
/// process cannot show: status codes, headers, server-sent events, broken connections, leaks.
/// </summary>
/// <remarks>
/// Answers <c>POST /v1/chat/completions</c> and <c>GET /v1/models</c>. Refuses, as OpenAI does, malformed JSON, a missing model, empty messages, and a
/// history in which tool calls and tool results do not match. Reads no configuration and no environment variable, listens on the loopback
/// interface only, accepts any API key, writes no logs.
/// </remarks>
public sealed partial class LocalModelServer : IAsyncDisposable
{
    private readonly TurnScript _script;
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private RequestLog<RecordedHttpRequest> _log = new();
    private WebApplication? _app;
    private CancellationTokenSource? _stopping;
    private int _port;
    private int _openConnections;
    private int _turnCount;

    /// <summary>Creates a server that plays these turns in order, one a request.</summary>
    /// <param name="turns">
    /// The turns, at least one. A request beyond the last is answered with 501 and code <c>script_exhausted</c>, which the OpenAI SDK does not retry, unless
    /// <see cref="Repeat"/> is set.
    /// </param>
    /// <exception cref="ArgumentException">There is no turn, or one is null.</exception>
    public LocalModelServer(params ScriptedTurn[] turns) => _script = new TurnScript(turns);

    /// <summary>Creates a server that asks a function for the answer to each request.</summary>
    /// <param name="script">
    /// Gives the turn for a request. May be called by several threads at once; if it throws, the answer is 501 with code <c>script_failed</c>.
    /// </param>
    public LocalModelServer(Func<ScriptedRequest, ScriptedTurn> script) => _script = new TurnScript(script);

    /// <summary>The port to listen on.</summary>
    /// <value>The default is 0: a free port, kept over <see cref="StopAsync"/> and a second <see cref="StartAsync"/>.</value>
    public int Port
    {
        get => Volatile.Read(ref _port);
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ushort.MaxValue);
            _port = value;
        }
    }

    /// <summary>Whether the list of turns starts again after its end.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Repeat { get; init; }

    /// <summary>How many requests <see cref="Requests"/> keeps; the oldest go first. Set it when the server runs for long: requests hold their bodies.</summary>
    /// <value>The default is <see cref="int.MaxValue"/>: all of them.</value>
    public int MaxRecordedRequests
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
            _log = new RequestLog<RecordedHttpRequest>(value);
        }
    } = int.MaxValue;

    /// <summary>The clock for delays and recorded times.</summary>
    /// <value>The default is <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The names that <c>GET /v1/models</c> lists. Requests may name any model.</summary>
    /// <value>The default is <c>scripted-model</c> alone.</value>
    public IReadOnlyList<string> Models { get; init; } = ["scripted-model"];

    /// <summary>Whether to refuse a history in which a tool call has no result, or a tool result no call, as OpenAI does.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool ValidateToolMessages { get; init; } = true;

    /// <summary>The base address for a client, for example <c>http://127.0.0.1:41234/v1</c>.</summary>
    /// <exception cref="InvalidOperationException">The server has not been started and <see cref="Port"/> is 0.</exception>
    public Uri Endpoint => Port == 0
        ? throw new InvalidOperationException("The server has no address before it is started. Call StartAsync first, or set Port.")
        : new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/v1"));

    /// <summary>The chat-completion requests so far, in order of arrival, at most <see cref="MaxRecordedRequests"/>. The list is a snapshot; the outcome of a request in it is kept up to date.</summary>
    public IReadOnlyList<RecordedHttpRequest> Requests => _log.Snapshot();

    /// <summary>How many chat-completion requests have arrived.</summary>
    public int CallCount => _log.Count;

    /// <summary>How many chat-completion requests have arrived and not ended.</summary>
    public int InFlight => _log.InFlight;

    /// <summary>How many client connections are open, idle ones in a client's pool included.</summary>
    public int OpenConnections => Volatile.Read(ref _openConnections);

    /// <summary>Waits until this many chat-completion requests have arrived.</summary>
    /// <param name="count">The number of requests.</param>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public Task WaitForRequestsAsync(int count, CancellationToken cancellationToken = default) =>
        _log.WaitAsync(() => _log.Count >= count, cancellationToken);

    /// <summary>Waits until no request is in flight.</summary>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public Task WaitForIdleAsync(CancellationToken cancellationToken = default) => _log.WaitAsync(() => _log.InFlight == 0, cancellationToken);

    /// <summary>Waits until every client connection is closed. Pooled connections stay open until the client's handler is disposed.</summary>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public Task WaitForConnectionsClosedAsync(CancellationToken cancellationToken = default) =>
        _log.WaitAsync(() => OpenConnections == 0, cancellationToken);
}
