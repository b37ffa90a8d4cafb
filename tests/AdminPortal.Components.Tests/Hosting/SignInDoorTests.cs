using System.Buffers.Binary;
using System.Net;
using AdminPortal.Domain.Users;
using AdminPortal.Features.SignIn;
using Microsoft.AspNetCore.Cryptography.KeyDerivation;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>A refused sign-in tells nothing about who there is.</summary>
public sealed class SignInDoorTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task SignIn_RefusedForWhateverReason_IsAnsweredTheSameAndHashesOnce()
    {
        await using var own = new RunningPortal();
        await own.InitializeAsync();
        using var client = own.NewClient();

        var nobody = await TryAsync(own, client, "nobody@example.com", "a wrong password");
        var wrong = await TryAsync(own, client, RunningPortal.Email, "a wrong password");
        wrong.ShouldBe(nobody);
        // The fifth closes the name; the sixth finds it closed, with the right password too.
        for (var tries = 2; tries <= 5; tries++) (await TryAsync(own, client, RunningPortal.Email, "a wrong password")).ShouldBe(nobody);
        (await TryAsync(own, client, RunningPortal.Email, "a wrong password")).ShouldBe(nobody);
        (await TryAsync(own, client, RunningPortal.Email, RunningPortal.Password)).ShouldBe(nobody);
        for (var tries = 1; tries <= 7; tries++) (await TryAsync(own, client, "nobody@example.com", "a wrong password")).ShouldBe(nobody);
    }

    [Fact]
    public async Task SignIn_NameTriedTooOften_IsToldWhenToComeBackWhetherItExistsOrNot()
    {
        using var client = portal.NewClient();
        var answers = new List<string>();
        foreach (var name in new[] { "somebody@example.com", "SomeBody@Example.com " })
        {
            for (var tries = 0; tries < SignInNames.Tries / 2; tries++)
            {
                // From everywhere: no address runs into its own limit.
                client.From = $"198.51.{(name[0] == 's' ? 7 : 8)}.{tries}";
                using var answer = await client.SubmitAsync("/sign-in", name, "a wrong password");
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            }
        }

        var before = portal.Hasher.Checks;
        using var last = await client.SubmitAsync("/sign-in", "somebody@example.com", "a wrong password");
        last.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        last.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        (await last.Content.ReadAsStringAsync(Token)).ShouldContain("tried too often");
        portal.Hasher.Checks.ShouldBe(before);

        using var other = await client.SubmitAsync("/sign-in", RunningPortal.Email, RunningPortal.Password);
        other.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Password_Field_TakesWhatIsPastedAndManagedWholeAndRefusesWhatIsTooLong()
    {
        using var client = portal.NewClient();
        using (var page = await client.GetAsync("/sign-in"))
        {
            var field = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(Token)).QuerySelector("input[type='password']").ShouldNotBeNull();
            field.GetAttribute("autocomplete").ShouldBe("current-password");
            // What is pasted is not cut off, nor kept out.
            field.HasAttribute("maxlength").ShouldBeFalse();
            field.Attributes.ShouldNotContain(attribute => attribute.Name.StartsWith("on", StringComparison.Ordinal));
            field.ParentElement!.QuerySelector("button[type='button'][data-show-secret]").ShouldNotBeNull();
        }

        var before = portal.Hasher.Checks;
        client.From = "198.51.9.1";
        using var answer = await client.SubmitAsync("/sign-in", RunningPortal.Email, RunningPortal.Password.PadRight(Credentials.MaxPasswordLength + 1, 'x'));
        (await answer.Content.ReadAsStringAsync(Token)).ShouldContain($"A password can have at most {Credentials.MaxPasswordLength} characters.");
        portal.Hasher.Checks.ShouldBe(before);
    }

    [Fact]
    public void Password_Hashed_IsSlowToTry()
    {
        var options = portal.Services.GetRequiredService<IOptions<PasswordHasherOptions>>();
        var hash = Convert.FromBase64String(new PasswordHasher<PortalUser>(options).HashPassword(new PortalUser(), RunningPortal.Password));

        // Version 3: the function, the rounds, the length of the salt, each as four bytes behind the mark.
        hash[0].ShouldBe((byte)1);
        BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(1)).ShouldBe((uint)KeyDerivationPrf.HMACSHA512);
        BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(5)).ShouldBeGreaterThanOrEqualTo(210_000u);
        BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(9)).ShouldBe(16u);
    }

    [Theory]
    [InlineData("correct  horse", true)]
    [InlineData("a b c d  e", false)]
    [InlineData("abcde       f", false)]
    [InlineData("abcde f g         ", false)]
    [InlineData("correct horse battery", true)]
    [InlineData("привет 🐎 ねこ мир", true)]
    [InlineData("abcdefghijk", false)]
    public async Task Password_BlanksInARow_CountAsOne(string password, bool isTaken)
    {
        await using var scope = portal.Services.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();

        var results = new List<IdentityResult>();
        foreach (var rule in people.PasswordValidators) results.Add(await rule.ValidateAsync(people, new PortalUser(), password));

        results.TrueForAll(result => result.Succeeded).ShouldBe(isTaken);
        // One sentence, not two, for one that is too short.
        results.Sum(result => result.Errors.Count()).ShouldBe(isTaken ? 0 : 1);
    }

    /// <summary>The answer as far as it is not chance, with the number of passwords that were checked for it.</summary>
    private static async Task<string> TryAsync(RunningPortal portal, PortalClient client, string email, string password)
    {
        var before = portal.Hasher.Checks;
        using var answer = await client.SubmitAsync("/sign-in", email, password);
        var text = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Token)).QuerySelector("main")!.TextContent;
        return $"{(int)answer.StatusCode}, {portal.Hasher.Checks - before} checked: {string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}";
    }
}
