using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Components.Tests.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AdminPortal.Components.Tests.Access;

public sealed class SessionValidatorTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public void Cookie_IsLookedAtByIt()
    {
        Func<CookieValidatePrincipalContext, Task> look = SessionValidator.LookAsync;

        portal.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(IdentityConstants.ApplicationScheme).Events.OnValidatePrincipal.ShouldBe(look);
    }

    // The request of a circuit's connection lasts as long as its page is open.
    [Fact]
    public async Task Look_WhatItTook_IsLetGoBeforeTheRequestEnds()
    {
        var services = new ServiceCollection();
        var looked = new Looked();
        services.AddScoped<ISecurityStampValidator>(_ => new Validator(looked));
        await using var all = services.BuildServiceProvider();
        await using var request = all.CreateAsyncScope();
        var scheme = new AuthenticationScheme("session", null, typeof(CookieAuthenticationHandler));
        var context = new CookieValidatePrincipalContext(
            new DefaultHttpContext { RequestServices = request.ServiceProvider }, scheme, new CookieAuthenticationOptions(), new AuthenticationTicket(new ClaimsPrincipal(), scheme.Name));

        await SessionValidator.LookAsync(context);

        looked.ShouldBe(new Looked { At = context, IsLetGo = true });
    }

    private sealed record Looked
    {
        public CookieValidatePrincipalContext? At { get; set; }

        public bool IsLetGo { get; set; }
    }

    private sealed class Validator(Looked looked) : ISecurityStampValidator, IDisposable
    {
        public Task ValidateAsync(CookieValidatePrincipalContext context)
        {
            looked.At = context;
            return Task.CompletedTask;
        }

        public void Dispose() => looked.IsLetGo = true;
    }
}
