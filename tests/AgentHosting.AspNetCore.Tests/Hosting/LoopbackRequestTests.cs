using System.Net;

namespace AgentHosting.AspNetCore.Tests.Hosting;

public sealed class LoopbackRequestTests
{
    /// <summary>A web page can make its own name resolve to 127.0.0.1; its requests then carry that name.</summary>
    [Theory]
    [InlineData("evil.example", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.Forbidden)]
    [InlineData("localhost", HttpStatusCode.NotFound)]
    [InlineData("127.0.0.1", HttpStatusCode.NotFound)]
    [InlineData("[::1]", HttpStatusCode.NotFound)]
    public async Task Request_UnderAllowUnauthenticatedOnLoopback_IsServedForLoopbackHostsOnly(string host, HttpStatusCode expected)
    {
        await using var app = await TestApp.StartAsync(endpoints: options => options.AllowUnauthenticatedOnLoopback());

        using var response = await app.GetAsync("/agent/status/run_0_unknown", ("Host", host));

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Submit_WithNoBodyAndNoType_NamesWhatIsMissing()
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.SendAsync(HttpMethod.Post, "/agent/run", null);

        await ProblemAssert.IsInvalidAsync(response, "$");
    }

    [Fact]
    public async Task Events_OfARunThatWaits_AfterANumberItHasNotReached_Is400()
    {
        await using var app = await TestApp.StartAsync();
        var taskId = await app.SubmitAsync("""{"message":"Hi","delay":600}""");

        using var response = await app.GetAsync($"/agent/events/{taskId}", ("Last-Event-ID", "999"));

        await ProblemAssert.IsInvalidAsync(response, "Last-Event-ID");
    }
}
