using System.ClientModel;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using OpenAI;

namespace QuickStart.Models;

/// <summary>
/// The model of the sample: the provider that <c>OPENAI_API_KEY</c>, <c>OPENAI_BASE_URL</c> and <c>OPENAI_MODEL</c> name, else a scripted one on
/// loopback. Both are reached over HTTP by the OpenAI SDK.
/// </summary>
internal sealed class ModelConnection : IAsyncDisposable
{
    private const string DefaultModel = "gpt-4o-mini";
    private readonly LocalModelServer? _localServer;

    private ModelConnection(string name, Uri? endpoint, string key, LocalModelServer? localServer)
    {
        var client = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = endpoint });
        Client = client.GetChatClient(name).AsIChatClient();
        Name = name;
        _localServer = localServer;
        Description = localServer is null
            ? $"{name} at {endpoint?.ToString() ?? "api.openai.com"}"
            : "a local scripted model, since OPENAI_API_KEY is not set; its answers quote the documents";
    }

    /// <summary>The client. The host disposes it.</summary>
    public IChatClient Client { get; }

    /// <summary>The name of the model.</summary>
    public string Name { get; }

    /// <summary>Which model it is, for the log.</summary>
    public string Description { get; }

    /// <summary>US dollars for a million input tokens, where known. The scripted model is free; it is shown at the price of the model it stands in for.</summary>
    public decimal? InputPrice => HasDefaultPrice ? 0.15m : null;

    /// <summary>US dollars for a million output tokens, where known.</summary>
    public decimal? OutputPrice => HasDefaultPrice ? 0.60m : null;

    private bool HasDefaultPrice => Name == DefaultModel || _localServer is not null;

    /// <summary>Connects to the provider of the configuration, or starts the scripted model.</summary>
    public static async Task<ModelConnection> OpenAsync(IConfiguration configuration)
    {
        if (configuration["OPENAI_API_KEY"] is { Length: > 0 } key)
        {
            var model = configuration["OPENAI_MODEL"] is { Length: > 0 } name ? name : DefaultModel;
            return new ModelConnection(model, BaseUrl(configuration), key, localServer: null);
        }

        // Nobody reads the recorded requests here, and kept they would fill the memory of a server that runs for weeks.
        var server = new LocalModelServer(LocalSupportModel.Answer) { Models = ["local"], MaxRecordedRequests = 0 };
        await server.StartAsync();
        return new ModelConnection("local", server.Endpoint, "none", server);
    }

    public ValueTask DisposeAsync() => _localServer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static Uri? BaseUrl(IConfiguration configuration)
    {
        if (configuration["OPENAI_BASE_URL"] is not { Length: > 0 } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new InvalidOperationException($"OPENAI_BASE_URL is '{text}', which is no http or https address. Set it to one such as https://api.openai.com/v1.");
    }
}
