using AgentHosting.Fallbacks;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Fallbacks;

/// <summary>A catalog of three scripted models "a", "b", "c" on one fake clock, and pipelines over it.</summary>
internal sealed class FallbackFixture : IDisposable
{
    private readonly IHost _host;

    public FallbackFixture(ScriptedTurn a, ScriptedTurn? b = null, ScriptedTurn? c = null, Action<string, ModelOptions>? limits = null)
        : this(_ => a, _ => b ?? ScriptedTurn.Text("from b"), _ => c ?? ScriptedTurn.Text("from c"), limits)
    {
    }

    public FallbackFixture(
        Func<ScriptedRequest, ScriptedTurn> a,
        Func<ScriptedRequest, ScriptedTurn> b,
        Func<ScriptedRequest, ScriptedTurn> c,
        Action<string, ModelOptions>? limits = null,
        Func<IChatClient, IServiceProvider, IChatClient>? perModel = null)
    {
        A = new ScriptedChatClient(a) { TimeProvider = Clock, ModelId = "model-a" };
        B = new ScriptedChatClient(b) { TimeProvider = Clock, ModelId = "model-b" };
        C = new ScriptedChatClient(c) { TimeProvider = Clock, ModelId = "model-c" };
        _host = TestHost.Build(builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(Clock);
            builder.Services.AddSingleton<ILoggerFactory>(_ => LoggerFactory.Create(
                logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(Logs))));
            foreach (var (name, client) in new[] { ("a", A), ("b", B), ("c", C) })
            {
                builder.AddModel(name, services => perModel?.Invoke(client, services) ?? client, options => limits?.Invoke(name, options));
            }
        });
    }

    public FakeTimeProvider Clock { get; } = new();

    public FakeLogCollector Logs { get; } = new();

    public ScriptedChatClient A { get; }

    public ScriptedChatClient B { get; }

    public ScriptedChatClient C { get; }

    public IServiceProvider Services => _host.Services;

    public string Calls => $"{A.CallCount} {B.CallCount} {C.CallCount}";

    public IChatClient Build(Action<FallbackOptions>? configure = null)
    {
        var options = new FallbackOptions { Models = { "b", "c" } };
        configure?.Invoke(options);
        return new ModelCatalogChatClient(Services.GetRequiredService<IModelCatalog>()).AsBuilder().UseFallback(options).Build(Services);
    }

    public async Task IdleAsync()
    {
        foreach (var model in new[] { A, B, C })
        {
            await model.WaitForIdleAsync(TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => _host.Dispose();
}
