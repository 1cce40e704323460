using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;
using AgentHosting.ModelRouting;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ModelRouting;

/// <summary>A catalog of the scripted models "mini", "mid" and "large", whose default is "mini", on one fake clock.</summary>
internal sealed class RouterFixture : IDisposable
{
    public const string Hard =
        "A farmer has 17 sheep. If each sheep needs 2.5 kg of hay per day, and the price of hay rises by 12% every month from $0.40 per kg, then how much more would "
        + "the farmer pay in total over 3 months than if the price had not risen? Suppose that every month has 30 days, and that no sheep is sold unless the total "
        + "is more than $900, in which case half of the sheep are sold at the end of that month. Explain each step, and determine whether the result changes when the "
        + "price rises at the start of the month, given x + y = z and x * y < 4 for all of the rates. Compare both cases and prove that neither is larger than 2 * z.";

    public const string Easy = "Who wrote the play about a prince of Denmark";

    private readonly IHost _host;

    public RouterFixture(Action<string, ModelOptions>? limits = null, Action<IAgentHostingBuilder>? configure = null, params (string Key, string? Value)[] settings)
    {
        Mini = new ScriptedChatClient(_ => MiniTurn()) { TimeProvider = Clock };
        Mid = new ScriptedChatClient(_ => MidTurn()) { TimeProvider = Clock };
        Large = new ScriptedChatClient(_ => LargeTurn()) { TimeProvider = Clock };
        _host = TestHost.Build(
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(Clock);
                builder.Services.AddSingleton<ILoggerFactory>(_ => LoggerFactory.Create(
                    logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(Logs))));
                foreach (var (name, client) in new[] { ("mini", Mini), ("mid", Mid), ("large", Large) })
                {
                    builder.AddModel(name, _ => client, options => limits?.Invoke(name, options));
                }

                configure?.Invoke(builder);
            },
            settings);
    }

    public FakeTimeProvider Clock { get; } = new();

    public FakeLogCollector Logs { get; } = new();

    public Func<ScriptedTurn> MiniTurn { get; set; } = () => ScriptedTurn.Text("mini");

    public Func<ScriptedTurn> MidTurn { get; set; } = () => ScriptedTurn.Text("mid");

    public Func<ScriptedTurn> LargeTurn { get; set; } = () => ScriptedTurn.Text("large");

    public ScriptedChatClient Mini { get; }

    public ScriptedChatClient Mid { get; }

    public ScriptedChatClient Large { get; }

    public IServiceProvider Services => _host.Services;

    public IChatClient Catalog => new ModelCatalogChatClient(Services.GetRequiredService<IModelCatalog>());

    public IChatClient Build(Action<ModelRouterOptions>? configure = null, IChatClient? judge = null, params string[] models)
    {
        var options = new ModelRouterOptions();
        foreach (var model in models is [] ? ["mini", "mid", "large"] : models)
        {
            options.Candidates.Add(new ModelRouteCandidate { Model = model });
        }

        configure?.Invoke(options);
        return Catalog.AsBuilder().UseModelRouter(options, judge).Build(Services);
    }

    public MetricCollector<T> Collect<T>(string name)
        where T : struct => new(Services.GetRequiredService<IMeterFactory>(), AgentHostingDiagnostics.MeterName, name);

    /// <summary>The text of the answer, in the given shape. Each model answers its name.</summary>
    public static async Task<string> AskAsync(IChatClient client, IEnumerable<ChatMessage> messages, ChatOptions? options = null, bool stream = false)
    {
        var token = TestContext.Current.CancellationToken;
        if (!stream)
        {
            return (await client.GetResponseAsync(messages, options, token)).Text;
        }

        var text = "";
        await foreach (var update in client.GetStreamingResponseAsync(messages, options, token))
        {
            text += update.Text;
        }

        return text;
    }

    public static Task<string> AskAsync(IChatClient client, string prompt, ChatOptions? options = null, bool stream = false) =>
        AskAsync(client, [new ChatMessage(ChatRole.User, prompt)], options, stream);

    public static ChatOptions Session(string id, string? tenant = null) =>
        new ChatOptions().WithAgentContext(new AgentCallContext { SessionId = id, TenantId = tenant });

    public void Dispose() => _host.Dispose();
}
