using AdminPortal.Domain;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace AdminPortal.Components.Tests.Ui;

public sealed class FieldTests : FormTest
{
    [Fact]
    public void TextField_Label_IsTiedToTheInput()
    {
        var form = RenderText();

        form.Enter("Instance name", "Alpha");

        Model.Text.ShouldBe("Alpha");
        form.Field("Instance name").GetAttribute("aria-required").ShouldBe("true");
    }

    [Fact]
    public void TextField_HelpAndError_DescribeTheInput()
    {
        var form = RenderText(("Help", "How you will recognise it."));
        form.Description("Instance name").ShouldBe("How you will recognise it.");
        form.Field("Instance name").HasAttribute("aria-invalid").ShouldBeFalse();

        form.Find("form").Submit();

        form.Description("Instance name").ShouldBe("How you will recognise it. Enter the text.");
        form.Field("Instance name").GetAttribute("aria-invalid").ShouldBe("true");
    }

    [Fact]
    public void TextField_Mended_TakesTheErrorBack()
    {
        var form = RenderText();
        form.Find("form").Submit();

        form.Enter("Instance name", "Alpha");

        form.Words().ShouldNotContain("Enter the text.");
        form.Field("Instance name").HasAttribute("aria-invalid").ShouldBeFalse();
    }

    [Fact]
    public void Field_Optional_StandsApartFromTheLabel() => RenderText(("Optional", true)).Find("label").Words().ShouldBe("Instance name (optional)");

    [Fact]
    public void TextField_Optional_SaysSo()
    {
        var form = RenderText(("Optional", true));

        form.Find("label").Words().ShouldEndWith("(optional)");
        form.Field("Instance name").HasAttribute("aria-required").ShouldBeFalse();
    }

    [Fact]
    public void TextField_KeyWithPastedBlanks_IsCleanedAndSaysSo()
    {
        var form = RenderText(("IsKey", true));

        form.Enter("Instance name", "  abc\r\n def\u200b ");

        Model.Text.ShouldBe("abcdef");
        form.Role("status").ShouldBe(["Blanks or line breaks that were pasted along have been taken out."]);

        form.Enter("Instance name", "clean");
        form.Role("status").ShouldBeEmpty();
    }

    [Fact]
    public void TextField_NoKey_KeepsBlanks()
    {
        var form = RenderText();

        form.Enter("Instance name", " two words ");

        Model.Text.ShouldBe(" two words ");
        form.Role("status").ShouldBeEmpty();
    }

    [Fact]
    public void TextField_SeveralRows_IsAnArea()
    {
        var form = RenderText(("Rows", 3));

        form.Field("Instance name").TagName.ShouldBe("TEXTAREA");
        form.Enter("Instance name", "one\ntwo");
        Model.Text.ShouldBe("one\ntwo");
    }

    [Fact]
    public void TextField_Below_DescribesTheInput()
    {
        var form = RenderText(("Below", (RenderFragment)(builder => builder.AddContent(0, "Understood as x"))));

        form.Description("Instance name").ShouldBe("Understood as x");
    }

    [Fact]
    public void TagsField_Commas_SeparateAndBlanksGo()
    {
        var form = RenderField<TagsField, IReadOnlyList<string>>(() => Model.Tags, Model.Tags, tags => Model.Tags = tags, "Tags");

        form.Enter("Tags", " crm, , north america ,");

        Model.Tags.ShouldBe(["crm", "north america"]);
        form.FindAll(".tag").Select(tag => tag.Words()).ShouldBe(["crm", "north america"]);
    }

    [Fact]
    public void TagsField_Stored_StandWithCommas()
    {
        var form = RenderField<TagsField, IReadOnlyList<string>>(() => Model.Tags, ["a", "b c"], _ => { }, "Tags");

        form.Field("Tags").GetAttribute("value").ShouldBe("a, b c");
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("-4", -4)]
    public void NumberField_WholeNumber_IsTaken(string typed, int expected)
    {
        var form = RenderField<NumberField, int>(() => Model.Number, Model.Number, number => Model.Number = number, "Minutes");

        form.Enter("Minutes", typed);

        Model.Number.ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("1.5")]
    public void NumberField_NoWholeNumber_SaysSoAndKeepsTheOldOne(string typed)
    {
        var form = RenderField<NumberField, int>(() => Model.Number, Model.Number, number => Model.Number = number, "Minutes");

        form.Enter("Minutes", typed);

        Model.Number.ShouldBe(15);
        form.Description("Minutes").ShouldBe("Enter a whole number for Minutes.");
    }

    [Fact]
    public void CheckField_Ticked_SetsTheValueAndHelpDescribesIt()
    {
        var form = RenderField<CheckField, bool>(() => Model.Agreed, false, agreed => Model.Agreed = agreed, "Receive events", ("Help", "At an interval."));

        form.Tick("Receive events");

        Model.Agreed.ShouldBeTrue();
        form.Description("Receive events").ShouldBe("At an interval.");
    }

    [Fact]
    public void FormValidator_OneFieldLeft_ChecksThatFieldAlone()
    {
        Model.Number = 200;
        var form = RenderText();

        form.Enter("Instance name", "x");
        form.Enter("Instance name", "");

        form.FindComponent<TextField>().Instance.ShouldNotBeNull();
        form.Words().ShouldContain("Enter the text.");
        Context(form).GetValidationMessages().ShouldBe(["Enter the text."]);
    }

    [Fact]
    public void FormValidator_Submitted_ChecksTheWholeForm()
    {
        Model.Number = 200;
        var form = RenderText();

        form.Find("form").Submit();

        Context(form).GetValidationMessages().ShouldBe(["Enter the text.", "Enter less than 100."], ignoreOrder: true);
    }

    [Fact]
    public void FormValidator_Show_PutsProblemsBesideFieldsAndReturnsTheRest()
    {
        var form = RenderText();
        Problem[] problems =
        [
            new(ProblemKind.Invalid, "There is already one called Alpha.", nameof(TestModel.Text)),
            new(ProblemKind.Invalid, "Too many.", "Options.Number"),
            new(ProblemKind.Invalid, "Not of this form.", "Elsewhere"),
            new(ProblemKind.Stale, "Somebody else was faster."),
        ];

        IReadOnlyList<Problem> rest = [];
        form.InvokeAsync(() => rest = Validator.Show(problems));

        rest.Select(problem => problem.Message).ShouldBe(["Not of this form.", "Somebody else was faster."]);
        form.Description("Instance name").ShouldBe("There is already one called Alpha.");
        Context(form).GetValidationMessages(new FieldIdentifier(Model, nameof(TestModel.Number))).ShouldBe(["Too many."]);
    }

    private static EditContext Context(IRenderedComponent<EditForm> form) => form.Instance.EditContext ?? EditContextOf(form);

    private static EditContext EditContextOf(IRenderedComponent<EditForm> form) =>
        form.FindComponent<Microsoft.AspNetCore.Components.CascadingValue<EditContext>>().Instance.Value!;

    private IRenderedComponent<EditForm> RenderText(params (string Name, object Value)[] add) =>
        RenderField<TextField, string>(() => Model.Text, Model.Text, text => Model.Text = text, "Instance name", add);
}
