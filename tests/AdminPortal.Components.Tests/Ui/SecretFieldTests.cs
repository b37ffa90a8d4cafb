using AdminPortal.Domain;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components.Forms;

namespace AdminPortal.Components.Tests.Ui;

public sealed class SecretFieldTests : FormTest
{
    private const string Typed = "s3cret-of-ada";

    [Fact]
    public void SecretField_Typed_NeverStandsInTheMarkup()
    {
        var form = RenderSecret();

        form.Enter("Client secret", Typed);

        Model.Secret.ShouldBe(Typed);
        form.Markup.ShouldNotContain(Typed);
    }

    [Fact]
    public void SecretField_TypedAndShown_NeverStandsInTheMarkup()
    {
        var form = RenderSecret();
        form.Enter("Client secret", Typed);
        form.Field("Client secret").GetAttribute("type").ShouldBe("password");

        form.Press("Show Client secret while typing");

        form.Field("Client secret").GetAttribute("type").ShouldBe("text");
        form.Button("Show Client secret while typing").GetAttribute("aria-pressed").ShouldBe("true");
        form.Markup.ShouldNotContain(Typed);

        form.Press("Show Client secret while typing");
        form.Field("Client secret").GetAttribute("type").ShouldBe("password");
    }

    [Fact]
    public void SecretField_Stored_ShowsNoInputAndNoValue()
    {
        Model.Secret = Typed;

        var form = RenderSecret(("Stored", true));

        form.FindAll("input").ShouldBeEmpty();
        form.Words().ShouldContain("Stored and never shown again");
        form.Markup.ShouldNotContain(Typed);
    }

    [Fact]
    public void SecretField_Replace_ShowsAnEmptyInputAndFocusesIt()
    {
        var form = RenderSecret(("Stored", true));

        form.Press("Replace Client secret");

        form.Field("Client secret").HasAttribute("value").ShouldBeFalse();
        form.Field("Client secret").HasAttribute("aria-required").ShouldBeFalse();
        form.Words().ShouldContain("Left empty, the stored one stays.");
        JSInterop.VerifyFocusAsyncInvoke();
    }

    [Fact]
    public void SecretField_KeyWithPastedLineBreak_IsCleanedAndSaysSo()
    {
        var form = RenderSecret(("IsKey", true));

        form.Enter("Client secret", Typed + "\r\n");

        Model.Secret.ShouldBe(Typed);
        form.Role("status").ShouldBe(["Blanks or line breaks that were pasted along have been taken out."]);
    }

    [Fact]
    public void SecretField_NoKey_IsTakenAsItIs()
    {
        var form = RenderSecret();

        form.Enter("Client secret", " a b ");

        Model.Secret.ShouldBe(" a b ");
    }

    [Fact]
    public void SecretField_Problem_MarksTheInputAsInvalid()
    {
        var form = RenderSecret();

        form.InvokeAsync(() => Validator.Show([new(ProblemKind.Invalid, "Copy it again.", nameof(TestModel.Secret))]));

        form.Field("Client secret").GetAttribute("aria-invalid").ShouldBe("true");
        form.Description("Client secret").ShouldBe("Copy it again.");
    }

    [Fact]
    public void SecretField_OptionalAndStored_IsNotCalledOptional() =>
        RenderSecret(("Optional", true), ("Stored", true)).Find("label").Words().ShouldBe("Client secret");

    private IRenderedComponent<EditForm> RenderSecret(params (string Name, object Value)[] add) =>
        RenderField<SecretField, string>(() => Model.Secret, Model.Secret, secret => Model.Secret = secret, "Client secret", add);
}
