using System.Diagnostics.Metrics;
using AgentHosting.ContextWindows;
using AgentHosting.Pricing;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace AgentHosting.Core.Tests.ContextWindows;

/// <summary>A bare pipeline with a context window over a scripted model, where a character is a token.</summary>
internal sealed class WindowUnderTest : IDisposable
{
    private readonly ServiceProvider _services;

    public WindowUnderTest(ContextWindowOptions options, LengthCounter? counter = null, IChatReducer? reducer = null)
    {
        Counter = counter ?? new LengthCounter();
        _services = new ServiceCollection()
            .AddMetrics()
            .AddSingleton<ITokenCounter>(Counter)
            .AddSingleton<ILoggerFactory>(_ => LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(Logs))))
            .BuildServiceProvider();
        Client = Model.AsBuilder().UseContextWindow(options, reducer).Build(_services);
    }

    public LengthCounter Counter { get; }

    public FakeLogCollector Logs { get; } = new();

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public ScriptedChatClient Model { get; } = new(_ => ScriptedTurn.Text("ok"));

    public IChatClient Client { get; }

    /// <summary>What the model was sent last.</summary>
    public IReadOnlyList<ChatMessage> Sent => Model.Requests[^1].Messages;

    public string SentTexts => string.Join('|', Sent.Select(message => message.Text));

    public async Task AskAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, bool streaming = false)
    {
        if (!streaming)
        {
            await Client.GetResponseAsync(messages, options, TestContext.Current.CancellationToken);
            return;
        }

        await foreach (var _ in Client.GetStreamingResponseAsync(messages, options, TestContext.Current.CancellationToken))
        {
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Model.Dispose();
        _services.Dispose();
    }
}
