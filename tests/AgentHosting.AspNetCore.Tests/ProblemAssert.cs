using System.Net;
using System.Text.Json;

namespace AgentHosting.AspNetCore.Tests;

/// <summary>Checks the shape that every error has.</summary>
internal static class ProblemAssert
{
    public static async Task<JsonElement> IsAsync(HttpStatusCode status, HttpResponseMessage response)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await TestApp.ReadAsync(response);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.NotEmpty(problem.GetProperty("type").GetString()!);
        Assert.DoesNotContain("   at ", problem.GetRawText(), StringComparison.Ordinal);
        return problem;
    }

    public static async Task<JsonElement> IsInvalidAsync(HttpResponseMessage response, params string[] fields)
    {
        var problem = await IsAsync(HttpStatusCode.BadRequest, response);
        Assert.Equal(fields.Order(StringComparer.Ordinal), problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
        return problem;
    }
}
