using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Azure.AI.OpenAI;
using Microsoft.Extensions.AI;
using OpenAI;

namespace AgentHosting.Providers.Tests;

/// <summary>The official clients, each without retries of its own.</summary>
internal static class ProviderClients
{
    public static IChatClient OpenAI(Uri endpoint, HttpClient? http = null) => OpenAI(endpoint, new ClientRetryPolicy(0), http);

    public static IChatClient OpenAI(Uri endpoint, PipelinePolicy retryPolicy, HttpClient? http = null)
    {
        var options = new OpenAIClientOptions { Endpoint = endpoint, RetryPolicy = retryPolicy };
        if (http is not null)
        {
            options.Transport = new HttpClientPipelineTransport(http);
        }

        return new OpenAIClient(new ApiKeyCredential("test"), options).GetChatClient("m").AsIChatClient();
    }

    public static IChatClient AzureOpenAI(Uri endpoint) =>
        new AzureOpenAIClient(endpoint, new ApiKeyCredential("test"), new AzureOpenAIClientOptions { RetryPolicy = new ClientRetryPolicy(0) })
            .GetChatClient("m")
            .AsIChatClient();

    public static IChatClient Anthropic(Uri endpoint) =>
        new AnthropicClient { ApiKey = "test", BaseUrl = endpoint.ToString(), MaxRetries = 0 }.AsIChatClient("claude", 100);
}
