using AgentHosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;

namespace Snippets;

internal static class RedisSnippets
{
    public static void Add(IHostApplicationBuilder builder, IChatClient client)
    {
        #region add
        builder.Services.AddAgentHosting()
            .AddRedis("redis.internal:6379,password=...,ssl=true")
            .AddModel("chat", _ => client)
            .AddAgent("support");
        #endregion
    }
}
